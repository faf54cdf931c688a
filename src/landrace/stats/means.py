"""The mean of one side's scores."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from landrace.stats.bootstrap import MeanBootstrap
from landrace.stats.interval import Interval, is_binary
from landrace.stats.proportions import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mean:
    """A mean with intervals at any confidence: Wilson's for binary scores, else BCa bootstrap.

    ``bounded`` says that the values are scores in 0..1, to which the interval is then cut.
    Others, such as counts of tokens, are graded whatever they are.

    Raises:
        ValueError: no values.
    """

    def __init__(self, values: Sequence[float], *, bounded: bool = True) -> None:
        self._values = np.asarray(values, dtype=float)
        if self._values.size == 0:
            raise ValueError("no scores")
        self._bounded = bounded
        self._binary = bounded and is_binary(self._values)
        self.size = int(self._values.size)
        self.mean = float(self._values.mean())

    @property
    def method(self) -> str:
        return "Wilson interval" if self._binary else "BCa bootstrap interval"

    def interval(self, confidence: float) -> Interval:
        if self._binary:
            low, high = wilson(round(float(self._values.sum())), self.size, confidence)
        else:
            low, high = self._bootstrap.limits(confidence)
        if self._bounded:
            low, high = max(0.0, low), min(1.0, high)
        return Interval(self.mean, low, high)

    @cached_property
    def _bootstrap(self) -> MeanBootstrap:
        return MeanBootstrap(self._values, (0.0, 1.0) if self._bounded else None)


def mean_interval(scores: Sequence[float], confidence: float = 0.95) -> Interval:
    """A mean score in 0..1 and its interval. Raises like `Mean`."""
    return Mean(scores).interval(confidence)


def weighted(scores: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Scores whose plain mean is the weighted mean; unchanged where all weights are one.

    Nought stays nought, so that differences of them keep their ties and their signs.
    """
    mean = sum(weights) / len(weights)
    return [score * (weight / mean) for score, weight in zip(scores, weights, strict=True)]


def around_weighted_mean(scores: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Scores whose plain mean is the weighted mean, and which vary about it as that does.

    It is the first-order term of a ratio of two means (Cochran 1977, section 6.3). Equal
    scores stay equal: weights that differ make a mean of equal scores no less certain.
    """
    mean = sum(weighted(scores, weights)) / len(scores)
    return [mean + off for off in weighted([score - mean for score in scores], weights)]
