"""The search: steps of proposals after what was tried (OPRO, §4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from landrace.optimizers.operators.samples import shown
from landrace.optimizers.proposing.opening import context_of, sizes_of, welcomed
from landrace.optimizers.proposing.reading import untagged
from landrace.optimizers.proposing.telling import answer_rule
from landrace.optimizers.proposing.wording import read_proposal
from landrace.optimizers.search.rounds import crowned, guest_runs, last_round, probed
from landrace.optimizers.search.turns import turns
from landrace.optimizers.slots.placement import placed, sketched
from landrace.optimizers.strategies.opro.history import History
from landrace.optimizers.strategies.opro.plan import FINALISTS, planned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategies.opro.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

VERSION = "5"

QUIET = 3  # steps in a row without anything new that end a search


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = probed(study)
    if start is None:
        return
    note = "proposals after what was tried"
    steps = partial(_steps, study, options, start)
    crowned(study, last_round(study, "search", note, [start.entry], steps))


def _steps(study: Study, options: Options, start: Start, runs: int) -> Iterator[list[Entry]]:
    """The best of what was tried, after each step."""
    plan = planned(options, sizes_of(study), runs)
    history = History(study, options, start, study.select[: plan.cases])
    history.watch(start.entry)  # the first of the best; the probe's share pays for as many runs
    spare = max(0, min(runs // 2, int(study.runs_left()) - plan.step - plan.watched))
    for_fixed = guest_runs(spare)
    others = welcomed(study, start, for_fixed)
    history.add(others[: (spare - for_fixed) // plan.cases])
    yield history.best(FINALISTS)
    quiet = step = 0
    while step < options.steps and quiet < QUIET and study.runs_left() >= plan.step:
        fresh = history.add(study.admit_all(list(_proposals(history, step))))
        quiet = 0 if fresh else quiet + 1
        step += 1
        yield history.best(FINALISTS)


def _proposals(history: History, step: int) -> Iterator[Candidate]:
    """The children of the best so far; each changes one node. The nodes take turns over all steps.

    All proposals of a step for one node come from the same question, drawn anew each time.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    study, options, count = history.study, history.options, history.options.proposals
    (best,) = history.best(1)
    for node in turns(history.start.nodes, step * count, count):
        context = context_of(study, best, node, study.rng(f"opro/{step}/{node}"))
        text = _accepted(context, options, _asked(context, history))
        if text is not None:
            yield context.child("opro", **placed(context.view, text, options.position))


def _asked(context: Context, history: History) -> str | None:
    study, view, place = context.study, context.view, history.options.position
    examples = shown(view, history.examples(context.node, context.rng))
    return study.ask(
        "opro",
        temperature=1.0,
        description=study.setting.description,
        node=context.node if len(study.setting.program.nodes) > 1 else "",
        history=history.shown(context.node),
        examples=[{**each, "input": sketched(each["input"], place)} for each in examples],
        rule=answer_rule(view),
        characters=history.options.max_characters,
    )


def _accepted(context: Context, options: Options, answer: str | None) -> str | None:
    """The proposal, unless it is to be skipped."""
    said = untagged(answer or "")
    if len(said) > options.max_characters:
        context.study.log("dropped", operator="opro", reason=f"{len(said)} characters")
        return None
    if options.skip_digits and any(character.isdigit() for character in said):
        context.study.log("dropped", operator="opro", reason="it has digits")
        return None
    return read_proposal(context, answer)
