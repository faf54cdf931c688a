"""The mean of one side's scores."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from landrace.stats.bootstrap import MeanBootstrap
from landrace.stats.interval import TIE, Interval, is_binary
from landrace.stats.proportions import wilson
from landrace.stats.unseen import Weights

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mean:
    """A mean with intervals at any confidence: Wilson's for binary scores, else BCa bootstrap.

    ``weights`` make it a weighted mean. Binary scores whose weights differ are graded ones,
    but where all of them are right, or wrong: then the interval is Wilson's of the effective
    number of cases, and never shorter than what the heaviest may hide (`unseen`). ``planned``
    are the weights of all cases of which these are a random part.

    ``bounded`` says that the values are scores in 0..1, to which the interval is then cut.
    Others, such as counts of tokens, are graded whatever they are.

    Raises:
        ValueError: no values, or not as many weights.
    """

    def __init__(
        self,
        values: Sequence[float],
        weights: Sequence[float] | None = None,
        *,
        planned: Sequence[float] | None = None,
        bounded: bool = True,
    ) -> None:
        given = np.asarray(values, dtype=float)
        if given.size == 0:
            raise ValueError("no scores")
        self._weights = Weights.of(weights, given.size, planned)
        self._values = given
        if weights is not None:
            self._values = np.asarray(around_weighted_mean(values, weights))
        self._bounded = bounded
        is_one_kind = self._weights is None or float(np.ptp(given)) < TIE
        self._binary = bounded and is_one_kind and is_binary(given)
        self.size = int(given.size)
        self.mean = float(self._values.mean())

    @property
    def method(self) -> str:
        return "Wilson interval" if self._binary else "BCa bootstrap interval"

    def interval(self, confidence: float) -> Interval:
        if self._binary:
            low, high = self._of_shares(confidence)
        else:
            low, high = self._bootstrap.limits(confidence)
        if self._bounded:
            low, high = max(0.0, low), min(1.0, high)
        return Interval(self.mean, low, high)

    def _of_shares(self, confidence: float) -> tuple[float, float]:
        right = round(float(self._values.sum()))
        if self._weights is None:
            return wilson(right, self.size, confidence)
        effective, share = self._weights.effective, self._weights.unseen(confidence)
        low, high = wilson(effective if right else 0.0, effective, confidence)
        return min(low, self.mean - share), max(high, self.mean + share)

    @cached_property
    def _bootstrap(self) -> MeanBootstrap:
        if self._weights is None:
            return MeanBootstrap(self._values, (0.0, 1.0) if self._bounded else None)
        shape = self._weights.shape
        ends = self.mean - self.mean * shape, self.mean + (1 - self.mean) * shape
        return MeanBootstrap(self._values, ends if self._bounded else None, self._weights.effective)


def mean_interval(
    scores: Sequence[float], confidence: float = 0.95, weights: Sequence[float] | None = None
) -> Interval:
    """A mean score in 0..1 and its interval. Raises like `Mean`."""
    return Mean(scores, weights).interval(confidence)


def weighted(scores: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Scores whose plain mean is the weighted mean; unchanged where all weights are one.

    Nought stays nought, so that differences of them keep their ties and their signs.
    """
    mean = sum(weights) / len(weights)
    return [score * (weight / mean) for score, weight in zip(scores, weights, strict=True)]


def around_weighted_mean(scores: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Scores whose plain mean is the weighted mean, and which vary about it as that does.

    It is the first-order term of a ratio of two means (Cochran 1977, section 6.3). Equal
    scores stay equal. How sure they are is another matter, of which weights have a say: `Mean`.
    """
    mean = sum(weighted(scores, weights)) / len(scores)
    return [mean + off for off in weighted([score - mean for score in scores], weights)]
