"""Operators that ask the proposer for another instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.induction import can_be_instructed
from landrace.optimizers.proposing.founding import rewritten
from landrace.optimizers.proposing.reflection import deeds, reflected, telling
from landrace.optimizers.proposing.telling import TIPS
from landrace.optimizers.proposing.word_changes import changed_words
from landrace.optimizers.proposing.wording import instruction_of, reworded_child, within_changes
from landrace.optimizers.strategies.auto.questioning import questioned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.proposing.reflection import Deed
    from landrace.optimizers.strategies.auto.bench import Bench
    from landrace.schemas.candidate import Candidate

SHOWN = 4  # runs that a reflection sees, the best of them among the worst
LESSONS = 3  # reflections in a row at most


def can_be_reworded(bench: Bench, context: Context) -> bool:
    del bench
    return can_be_instructed(context.view)


def reflection(bench: Bench, context: Context) -> Candidate | None:
    """The instruction changed after what its node did, in no more words than are allowed now.

    None where the candidate makes no mistake, or the proposer does not keep to it.

    Raises:
        BudgetExhaustedError: runs or questions could not be paid.
    """
    done = _deeds(bench, context)
    if all(deed.score >= 1 for deed in done):
        return None
    shown = telling(done, SHOWN)
    child = _mended(bench, context, context.entry, shown, "reflection")
    if child is not None:
        bench.memory.saw(child, shown)
    return child


def lessons(bench: Bench, context: Context) -> Candidate | None:
    """Reflections in a row, each on what came of the one before and after other mistakes.

    To score a child takes some fifty runs, and a question is one: what is learned from several
    groups of mistakes is scored at once. The runs that later ones are shown are the parent's still.

    Raises:
        BudgetExhaustedError: runs or questions could not be paid.
    """
    child, present = None, context.entry
    learned: list[Deed] = []
    for shown in _groups(_deeds(bench, context)):
        found = _mended(bench, context, present, shown, "lessons")
        if found is not None:
            child, present = found, present._replace(candidate=found)
            learned += shown
    if child is not None:
        bench.memory.saw(child, learned)
    return child


def _deeds(bench: Bench, context: Context) -> list[Deed]:
    return deeds(context.study, context.entry, context.node, questioned(bench, context))


def _groups(done: Sequence[Deed]) -> list[list[Deed]]:
    """Some mistakes each, the worst first, beside the same run that went well, if there is one."""
    by_score = sorted(done, key=lambda deed: deed.score)
    wrong = [deed for deed in by_score if deed.score < 1]
    right = [deed for deed in by_score if deed.score >= 1][:1]
    size = SHOWN - 1
    starts = range(0, min(len(wrong), LESSONS * size), size)
    return [[*wrong[start : start + size], *right] for start in starts]


def _mended(
    bench: Bench, context: Context, present: Entry, shown: Sequence[Deed], operator: str
) -> Candidate | None:
    """The present instruction changed after what is shown; no more of the parent's than may be."""
    now = instruction_of(context._replace(entry=present))
    left = bench.words - changed_words(instruction_of(context), now)
    if left < 1:
        return None
    lore = bench.memory.lore(context, left)
    text = reflected(context.study, present, context.node, shown, lore=lore)
    if text is not None:
        text = within_changes(context, text, bench.words)
    return None if text is None else reworded_child(context, operator, text)


def rewriting(bench: Bench, context: Context) -> Candidate | None:
    """The instruction written anew, with examples and a tip in view (GPO, §3.2.2: generation).

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    samples = bench.start.samples.get(context.node, ())
    tip = context.rng.choice(TIPS)
    return rewritten(context, samples, tip=tip, operator="rewriting")
