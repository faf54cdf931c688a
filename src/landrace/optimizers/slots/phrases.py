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

_SPACE_BEFORE = re.compile(r"[ \t]+(?=[,.;:!?)])")
_SPACES = re.compile(r"(?<=\S)[ \t]{2,}")
_LOST_COMMA = re.compile(r"(?:^|(?<=[.!?:;\n]))[ \t]*,[ \t]*|,(?=[ \t]*[,.;:!?])")


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
    return tidy(f"{text[: phrase.start]}{new.strip()}{text[phrase.end :]}")


def swap(text: str, one: Phrase, other: Phrase) -> str:
    """The text with two phrases, of which none is inside the other, in each other's place."""
    first, second = sorted((one, other))
    return tidy(
        text[: first.start]
        + text[second.start : second.end]
        + text[first.end : second.start]
        + text[first.start : first.end]
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
    """Single blanks between words, none before a stop, no comma that separates nothing."""
    lines = (_SPACES.sub(" ", line).strip() for line in _SPACE_BEFORE.sub("", text).splitlines())
    tidied = _LOST_COMMA.sub("", "\n".join(lines).strip())
    # Taking a comma away may bring the next one to where it separates nothing.
    return tidied if tidied == text else tidy(tidied)
