"""Near-duplicates: cases whose texts differ so little that one gives the other away.

Two texts are near-duplicates when they have the same words, or when at least `SIMILAR` of
their words are common and in the same order (twice the common words over all words). Case,
white space and the punctuation of prose do not count; other symbols do. Being alike is a
property of the two texts alone, whatever else is in the eval set.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from rapidfuzz import process
from rapidfuzz.distance import Indel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SIMILAR = 0.9

# A text is compared with at most so many others a word it shares with them. Only eval sets
# of tens of thousands of texts out of one template, with a tiny vocabulary, ever have more.
MAX_RIVALS = 50

# Chinese, Japanese and Thai put no spaces between words: there each character counts as one.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_WORDS = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]")
_PROSE = frozenset(".,;:!?'\"\u2018\u2019\u201c\u201d\u2026")

# Every word becomes one character, so that rapidfuzz compares short strings. The surrogate
# range is no text and must be jumped over.
_FIRST_SURROGATE, _SURROGATES = 0xD800, 0x800
_CHARACTERS = 0x110000 - _SURROGATES


def words(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of a case's inputs, in the order of the inputs' names."""
    text = unicodedata.normalize("NFKC", " ".join(_leaves(inputs))).casefold()
    found = _WORDS.findall(text)
    return tuple(word for word in found if word not in _PROSE) or tuple(found)


def groups(texts: Sequence[tuple[str, ...]]) -> list[int]:
    """For each text the index of the first text of its group.

    A group is what near-duplicates link together, directly or through others. Near-linear in
    the number of texts: the rarest words of a text are enough to find all that are like it.
    """
    first: dict[tuple[str, ...], int] = {}
    parents = [first.setdefault(text, index) for index, text in enumerate(texts)]
    indexes = list(first.values())
    for one, other in _similar_pairs(list(first)):
        low, high = sorted((_root(parents, indexes[one]), _root(parents, indexes[other])))
        parents[high] = low
    return [_root(parents, index) for index in range(len(parents))]


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _leaves(value[key])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


def _similar_pairs(texts: list[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """The indexes of texts that are similar, for texts of which no two are equal.

    By the pigeonhole principle: of texts with so many words in common, even the few rarest
    words have one in common. How few follows from `SIMILAR` alone.
    """
    counts = Counter(word for text in texts for word in set(text))
    ranks = {word: rank for rank, (word, _) in enumerate(sorted(counts.items(), key=_rarity))}
    strings = ["".join(_character(ranks[word]) for word in text) for text in texts]
    seen: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for here, text in enumerate(texts):
        rivals: set[int] = set()
        for word in _rarest(text, ranks):
            rivals.update(seen[word][-MAX_RIVALS:])
            seen[word].append(here)
        for _, _, there in process.extract(
            strings[here],
            {rival: strings[rival] for rival in rivals},
            scorer=Indel.normalized_similarity,
            score_cutoff=SIMILAR,
            limit=None,
        ):
            yield here, there


def _rarity(item: tuple[str, int]) -> tuple[int, str]:
    word, count = item
    return count, word


def _character(rank: int) -> str:
    code = rank % _CHARACTERS
    return chr(code if code < _FIRST_SURROGATE else code + _SURROGATES)


def _rarest(text: tuple[str, ...], ranks: Mapping[str, int]) -> list[tuple[str, int]]:
    """The rarest words, each with the number of its occurrence, as many as decide.

    A similar text has at least ``size * SIMILAR / (2 - SIMILAR)`` words in common with this
    one, so with one word more than the rest, one of those words is among them.
    """
    occurrences: Counter[str] = Counter()
    tokens = []
    for word in text:
        occurrences[word] += 1
        tokens.append((word, occurrences[word]))
    tokens.sort(key=lambda token: (ranks[token[0]], token[1]))
    # The small term keeps a whole number that floating point puts just above itself.
    common = -(-(len(text) * SIMILAR / (2 - SIMILAR) - 1e-9) // 1)
    return tokens[: len(text) - int(common) + 1]


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index
