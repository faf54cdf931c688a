"""What a proposer is reminded of, out of what was tried (GPO, Tang et al. 2024, §3.1.2): pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WORD = re.compile(r"\w+")

Momentum: TypeAlias = Literal["none", "summary", "recency", "importance", "relevance"]


class Past(NamedTuple):
    """An instruction that was tried, and its mean score, 0..1."""

    text: str
    score: float


def recalled(
    past: Sequence[Past],
    count: int,
    by: Momentum,
    embed: Callable[[list[str]], list[list[float]]],
) -> list[Past]:
    """At most ``count`` of the steps, what matters most last. The last of ``past`` is the present.

    Recency takes the last, importance the best, relevance the present and those nearest to it
    by the cosine of their embeddings; without a trajectory there are none. An instruction
    stands there once, with its latest score.
    """
    if by in {"none", "summary"}:
        return []
    latest = {item.text: place for place, item in enumerate(past)}
    once = [item for place, item in enumerate(past) if latest[item.text] == place]
    if by == "recency":
        return once[-count:]
    if by == "importance":
        return sorted(once, key=lambda item: item.score)[-count:]
    vectors = embed([item.text for item in once])
    near = [_cosine(vector, vectors[-1]) for vector in vectors]
    # The present is nearest to itself, whatever a rounding says.
    order = sorted(range(len(once) - 1), key=lambda n: near[n])
    return [once[n] for n in [*order, len(once) - 1]][-count:]


def word_counts(texts: list[str]) -> list[list[float]]:
    """How often each word of any of the texts stands in each of them.

    An embedding that needs no model, so that a search comes to the same end wherever it runs.
    """
    counts = [Counter(word.casefold() for word in _WORD.findall(text)) for text in texts]
    words = sorted(set().union(*counts))
    return [[float(count[word]) for word in words] for count in counts]


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    scale = math.sqrt(_dot(one, one) * _dot(other, other))
    return _dot(one, other) / scale if scale else 0.0


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))
