"""RemoveStopWords: no model, no call.

SAMMO takes its lists from spaCy and a Reuters corpus. Those hold words that turn an instruction
round (not, no, only, never, most, first, all the small numbers), so the lists here are our own
and hold none that does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landrace.optimizers.operators.view import with_text
from landrace.optimizers.slots.phrases import tidy

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.schemas.candidate import Candidate

# What telegrams leave out.
ARTICLES = frozenset(("a", "an", "the", "please", "kindly"))
FUNCTION_WORDS = ARTICLES | frozenset(
    # Words read better in lines than one below the other.
    """
    am are be been being is was were do does did doing have has had having can could may might
    must shall should will would i me my you your yours we us our it its this that these those
    there here which who whom whose of to for in on at by from with into as and so then also just
    very really quite simply carefully always following given below above
    """.split()  # noqa: SIM905
)
LISTS = {"articles": ARTICLES, "function words": FUNCTION_WORDS}

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")


def has_stop_words(view: View) -> bool:
    return any(
        word.casefold() in FUNCTION_WORDS
        for passage in view.passages
        for word in _WORD.findall(passage.text)
    )


def remove_stop_words(context: Context) -> list[Candidate]:
    """For each list, in random order, a child one of whose passages lacks the list's words."""
    view = context.view
    found = []
    for name in context.rng.sample(sorted(LISTS), len(LISTS)):
        passage = context.rng.choice(view.passages)
        text = without(passage.text, LISTS[name])
        if text not in {"", passage.text}:
            found.append(context.child(f"remove {name}", **with_text(view, passage, text)))
    return found


def without(text: str, words: frozenset[str]) -> str:
    """The text without these words, in any case; all else stays, but for blanks."""

    def unless(match: re.Match[str]) -> str:
        return "" if match.group().casefold() in words else match.group()

    return tidy(_WORD.sub(unless, text))
