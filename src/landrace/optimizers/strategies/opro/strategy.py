"""The search: steps of proposals after what was tried (OPRO, §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.screening import crown
from landrace.optimizers.operators.samples import shown
from landrace.optimizers.proposing.opening import context_of, opened, sizes_of, welcomed
from landrace.optimizers.proposing.proposers import contract_rule, untagged
from landrace.optimizers.proposing.wording import read_proposal
from landrace.optimizers.slots.placement import placed, sketched
from landrace.optimizers.strategies.opro.history import History
from landrace.optimizers.strategies.opro.plan import FINALISTS, LEAST_STEPS, planned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.opro.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

VERSION = "1"

QUIET = 3  # steps in a row without anything new that end a search


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = None
    with study.stage("probe", "how good is what we have"):
        start = opened(study)
    if start is None:
        return
    history = History(study, options, start)
    with study.stage("search", "proposals after what was tried") as runs:
        plan = planned(options, sizes_of(study), runs)
        history.cases = study.select[: plan.cases]
        history.add(welcomed(study, start, runs // LEAST_STEPS)[: runs // (2 * plan.cases)])
        quiet = 0
        for step in range(options.steps):
            if study.runs_left() < plan.step or quiet == QUIET:
                break
            fresh = history.add(study.admit_all(list(_proposals(history, step))))
            quiet = 0 if fresh else quiet + 1
    with study.stage("crown", "successive rejects on all of select") as runs:
        crown(study, history.best(FINALISTS), runs)


def _proposals(history: History, step: int) -> Iterator[Candidate]:
    """The children of the best so far; each changes one node, all nodes in turn.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    study, options, nodes = history.study, history.options, history.start.nodes
    (best,) = history.best(1)
    for number in range(options.proposals):
        rng = study.rng(f"opro/{step}/{number}")
        context = context_of(study, best, nodes[number % len(nodes)], rng)
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
        rule=contract_rule(view.node.contract),
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
