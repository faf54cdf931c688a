"""Phrases of a text as trees, and edits of the text by phrase. Pure; offsets are of characters.

The edits are GrIPS's (Prasad et al. 2023, §3): delete, swap, and put back what an earlier edit
deleted; a paraphrase is a deletion with something else put in its place.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

_SPACE_BEFORE = re.compile(r"[ \t]+(?=[,;:!?)]|\.(?!\w))")
_SPACES = re.compile(r"(?<=\S)[ \t]{2,}")
_LOST_STOP = re.compile(r"(?<=[.!?])[ \t,]+\.(?![.\w])")
_SECOND_COMMA = re.compile(r",(?=[ \t]*[,.;:!?])")
_LOST_COMMA = re.compile(r"(?:^|(?<=[.!?:;\n]))[ \t]*,[ \t]*")
_ENDS = (".", "!", "?")


class Phrase(NamedTuple):
    """A stretch of a text with the phrases that it is made of, in order, inside it."""

    start: int
    end: int
    children: tuple[Phrase, ...] = ()


def every(phrases: Iterable[Phrase]) -> list[Phrase]:
    """The phrases and all that they are made of, the larger before the smaller."""
    return [each for phrase in phrases for each in (phrase, *every(phrase.children))]


def delete(text: str, phrase: Phrase) -> str:
    """The text without a phrase, and without the blank or comma that it leaves over."""
    return tidy(text[: phrase.start] + text[phrase.end :])


def replace(text: str, phrase: Phrase, new: str) -> str:
    """The text with other words for a phrase, which end a sentence only if the phrase did."""
    fitting = _ended_as(text[phrase.start : phrase.end], new)
    return tidy(f"{text[: phrase.start]}{fitting}{text[phrase.end :]}")


def swap(text: str, one: Phrase, other: Phrase) -> str:
    """The text with two phrases, of which none is inside the other, in each other's place."""
    first, second = sorted((one, other))
    early, late = text[first.start : first.end], text[second.start : second.end]
    return tidy(
        text[: first.start]
        + _ended_as(early, late)
        + text[first.end : second.start]
        + _ended_as(late, early)
        + text[second.end :]
    )


def insert(text: str, position: int, new: str) -> str:
    """The text with a phrase put in; blanks are added where words would touch."""
    return tidy(f"{text[:position]} {new.strip()} {text[position:]}")


def apart(phrases: Sequence[Phrase]) -> list[tuple[Phrase, Phrase]]:
    """The pairs of phrases of which none is inside the other."""
    return [
        (one, other)
        for one, other in combinations(phrases, 2)
        if one.end <= other.start or other.end <= one.start
    ]


def some_pair(phrases: Sequence[Phrase], rng: random.Random) -> tuple[Phrase, Phrase] | None:
    pairs = apart(phrases)
    return rng.choice(pairs) if pairs else None


def tidy(text: str) -> str:
    """Single blanks between words, none before a stop, no comma or stop that ends nothing."""
    stopped = _SPACE_BEFORE.sub("", _LOST_STOP.sub("", text))
    lines = (_SPACES.sub(" ", line).strip() for line in stopped.splitlines())
    tidied = _LOST_COMMA.sub(" ", _SECOND_COMMA.sub("", "\n".join(lines).strip()))
    # Taking a comma away may bring the next one to where it separates nothing.
    return tidied if tidied == text else tidy(tidied)


def _ended_as(old: str, new: str) -> str:
    """The new words without a stop at their end where the old had none."""
    new = new.strip()
    return new if old.rstrip().endswith(_ENDS) else new.rstrip(" \t\n" + "".join(_ENDS))
