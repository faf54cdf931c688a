"""The first population of an evolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.samples import shown
from landrace.optimizers.proposing.opening import context_of, welcomed
from landrace.optimizers.proposing.telling import TIPS, answer_rule
from landrace.optimizers.proposing.wording import instruction_of, read_proposal, reworded_child
from landrace.optimizers.search.rounds import guest_runs
from landrace.optimizers.search.turns import turns
from landrace.optimizers.slots.demo_limit import limited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.samples import Sample
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

FOUNDER = "founder"  # the operator of a rewritten instruction
SHOWN = 3  # examples that a question shows


def founders(study: Study, start: Start, size: int, *, most: int | None = None) -> list[Entry]:
    """At most ``size`` candidates: the start, other models' winners, then rewritten instructions.

    Each rewriting changes one node, all nodes in turn, with a tip and examples of its own in
    view. At most ``size`` - 1 questions. ``most`` is how many examples of a node the rewritten
    ones may show, where that is not as many as the start.

    Raises:
        BudgetExhaustedError: a question could not be paid.
    """
    found = [start.entry, *welcomed(study, start, guest_runs(study.runs_left()))][:size]
    asked = [
        _founder(study, start, node, tip, f"founders/{number}")
        for number, (node, tip) in enumerate(tips_in_turn(start, size - len(found)))
    ]
    known = {entry.digest for entry in found}
    made = [candidate for candidate in asked if candidate]
    if most is not None:
        made = [limited(candidate, most) for candidate in made]
    fresh = study.admit_all(made)
    return [*found, *(entry for entry in fresh if entry.digest not in known)]


def population_size(wanted: int, least: int, runs: int, runs_each: int) -> int:
    """How many members so many runs feed, if each takes ``runs_each``; at least ``least``."""
    return max(min(least, wanted), min(wanted, runs // runs_each))


def tips_in_turn(start: Start, count: int) -> list[tuple[str, str]]:
    """So many nodes, all in turn, each round of them with another tip."""
    pairs = [(node, tip) for tip in TIPS for node in start.nodes]
    return turns(pairs, 0, count)


def rewritten(
    context: Context, samples: Sequence[Sample], *, tip: str, operator: str
) -> Candidate | None:
    """The candidate with its node's instruction written anew, with examples and a tip in view.

    None where the answer has no instruction.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    examples = context.rng.sample(list(samples), min(SHOWN, len(samples)))
    answer = context.study.ask(
        "rewrite",
        description=context.study.setting.description,
        instruction=instruction_of(context),
        examples=shown(context.view, examples),
        rule=answer_rule(context.view),
        tip=tip,
        temperature=1.0,
    )
    text = read_proposal(context, answer)
    return None if text is None else reworded_child(context, operator, text)


def _founder(study: Study, start: Start, node: str, tip: str, stream: str) -> Candidate | None:
    context = context_of(study, start.entry, node, study.rng(stream))
    return rewritten(context, start.samples[node], tip=tip, operator=FOUNDER)
