"""Which of several variants answers a query: what they were worth on the nearest known ones.

QPO (Kong et al. 2024, arXiv 2408.10504) learns from rewards that were collected before, offline,
which prompt suits which query; its policy is a small language model that writes one. Ours writes
nothing and needs no training: a vote of neighbours, found by BM25, over variants that were scored.
It departs from the pinned winner only where the neighbours make that a safe bet.
"""

from __future__ import annotations

import math
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from landrace.errors import InputTypeError
from landrace.program.ranking import Bm25
from landrace.program.retrieval import inputs_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from landrace.runtime.choices import Choices, Query

T = TypeVar("T")

SURE = 1.645  # standard errors below a mean: one-sided 95 %


class Choosing(Generic[T]):
    """What to serve for some inputs, out of what there is.

    Args:
        pinned: what is served unless another one is surely better.
        others: what else can be served, by digest.
        choices: what they were worth; without it, nothing is chosen.
    """

    __slots__ = ("_others", "_pinned", "_policy")

    def __init__(
        self, pinned: T, others: Mapping[str, T] | None = None, choices: Choices | None = None
    ) -> None:
        self._pinned = pinned
        self._others = others or {}
        self._policy = Policy(choices) if choices else None

    def __call__(self, inputs: Mapping[str, Any]) -> T:
        if self._policy is None:
            return self._pinned
        return self._others.get(self._policy.choose(query_text(inputs)), self._pinned)


def query_text(inputs: Mapping[str, Any]) -> str:
    """The text by which inputs are near to others.

    Raises:
        InputTypeError: an input is no JSON value.
    """
    try:
        # An optional input that is left out is the same query as one that is null.
        return inputs_text({key: value for key, value in inputs.items() if value is not None})
    except (TypeError, ValueError) as error:
        raise InputTypeError(f"an input is no JSON value: {error}") from error


class Policy:
    """The rule over some choices; the same query always gets the same variant."""

    __slots__ = ("_choices", "_index")

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._index = Bm25([query.text for query in choices.queries])

    def choose(self, text: str) -> str:
        """The digest of the variant for a query."""
        (scores,) = self._index.scores([text])
        near = nearest(scores, self._choices.neighbours)
        return choice(self._choices.winner, [self._choices.queries[place] for place in near])


def nearest(scores: Mapping[int, float], most: int) -> list[int]:
    """The places with the highest scores, the highest first; of equals the first place."""
    return nsmallest(most, scores, key=lambda place: (-scores[place], place))


def choice(winner: str, near: Sequence[Query], among: Iterable[str] | None = None) -> str:
    """The variant with the highest `least_gain` over the winner, where that is above zero.

    ``among`` are the digests that may be chosen; those with rewards, if none are given.
    """
    rivals = {digest for query in near for digest in query.rewards} if among is None else among
    best, least = winner, 0.0
    for digest in sorted(rivals):
        gain = least_gain(
            [
                query.rewards[digest] - query.rewards[winner]
                for query in near
                if digest in query.rewards and winner in query.rewards
            ]
        )
        if gain > least:
            best, least = digest, gain
    return best


def least_gain(differences: Sequence[float]) -> float:
    """The mean of some differences in -1..1, less what chance may have given to it.

    To the differences are added the best and the worst that there could be, so that a few which
    agree by chance are no evidence: three full wins are the least that is enough.
    """
    count = len(differences) + 2
    mean = math.fsum(differences) / count
    square = (math.fsum(each * each for each in differences) + 2) / count
    return mean - SURE * math.sqrt((square - mean * mean) / count)
