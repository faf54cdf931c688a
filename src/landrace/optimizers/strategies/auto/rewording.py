"""Operators that ask the proposer for another instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.induction import can_be_instructed
from landrace.optimizers.proposing.founding import rewritten
from landrace.optimizers.proposing.proposers import TIPS
from landrace.optimizers.proposing.reflection import deeds, reflected, telling
from landrace.optimizers.proposing.wording import reworded_child, within_changes
from landrace.optimizers.strategies.auto.questioning import questioned

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.auto.bench import Bench
    from landrace.schemas.candidate import Candidate

SHOWN = 4  # runs that a reflection sees, the best of them among the worst


def can_be_reworded(bench: Bench, context: Context) -> bool:
    del bench
    return can_be_instructed(context.view)


def reflection(bench: Bench, context: Context) -> Candidate | None:
    """The instruction changed after what its node did, in no more words than are allowed now.

    None where the candidate makes no mistake, or the proposer does not keep to it.

    Raises:
        BudgetExhaustedError: runs or questions could not be paid.
    """
    study, entry, node = context.study, context.entry, context.node
    done = deeds(study, entry, node, questioned(bench, context))
    if all(deed.score >= 1 for deed in done):
        return None
    lore = bench.memory.lore(context, bench.words)
    text = reflected(study, entry, node, telling(done, SHOWN), lore=lore)
    if text is not None:
        text = within_changes(context, text, bench.words)
    return None if text is None else reworded_child(context, "reflection", text)


def rewriting(bench: Bench, context: Context) -> Candidate | None:
    """The instruction written anew, with examples and a tip in view (GPO, §3.2.2: generation).

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    samples = bench.start.samples.get(context.node, ())
    tip = context.rng.choice(TIPS)
    return rewritten(context, samples, tip=tip, operator="rewriting")
