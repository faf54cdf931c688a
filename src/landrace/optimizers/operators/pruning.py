"""PruneSyntaxTree: what can a passage do without? Breadth first down its syntax trees."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from landrace.optimizers.allocation.challenge import keeps_up
from landrace.optimizers.operators.view import with_text
from landrace.optimizers.slots.phrases import Phrase, tidy
from landrace.optimizers.slots.syntax import phrase_trees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import Passage
    from landrace.schemas.candidate import Candidate

NAME = "prune syntax"


def prune_syntax(context: Context) -> list[Candidate]:
    """The child that lacks every phrase that was not missed.

    A phrase is left out if the child ranks no lower than what it is cut from; else it stays and
    the phrases in it are tried. Each trial is scored on a quarter, then a half, then all of the
    cases, and ends with the first on which it ranks lower. No trial begins that would not leave
    the runs that the context wants spared.

    Raises:
        BudgetExhaustedError: the trials could not be paid.
        ConfigError: the parser is not installed.
    """
    passage = context.rng.choice(context.view.passages)
    waiting = deque(phrase_trees(passage.text))
    cut: list[Phrase] = []
    best = context.entry
    context.study.evaluate([best], context.cases)
    for _ in range(context.tuning.prune_trials):
        if not waiting or context.study.runs_left() - len(context.cases) < context.spare:
            break
        phrase = waiting.popleft()
        shorter = _without(context, passage, [*cut, phrase])
        if shorter is not None and keeps_up(context.study, shorter, best, context.cases):
            best = shorter
            cut.append(phrase)
        else:
            waiting.extend(phrase.children)
    return [] if best is context.entry else [best.candidate]


def _without(context: Context, passage: Passage, cut: Sequence[Phrase]) -> Entry | None:
    text = passage.text
    for phrase in sorted(cut, reverse=True):
        text = text[: phrase.start] + text[phrase.end :]
    text = tidy(text)
    if not text:
        return None
    candidate = context.child(NAME, **with_text(context.view, passage, text))
    admitted = context.study.admit_all([candidate])
    return admitted[0] if admitted else None
