"""Runs of different candidates on one case, and which cases have most to teach.

SIMBA of DSPy sorts a minibatch's cases by how far the best run is above the worst, then by the
best score, then by how far the best is above the average. Pure.
"""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.schemas.case import Case

TIE = 1e-9  # float noise of a decile


class Run(NamedTuple):
    """A candidate's answer to a case: the how-many-th to the same question, and its score."""

    entry: Entry
    repeat: int
    score: float


class Bucket(NamedTuple):
    """The runs on a case, the best first; there must be one."""

    case: Case
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, case: Case, runs: Iterable[Run]) -> Bucket:
        return cls(case, tuple(sorted(runs, key=lambda run: -run.score)))

    @property
    def best(self) -> Run:
        return self.runs[0]

    @property
    def worst(self) -> Run:
        return self.runs[-1]

    @property
    def promise(self) -> tuple[float, float, float]:
        """How much there is to learn: the gap, the best score, the best above the mean."""
        scores = [run.score for run in self.runs]
        best = scores[0]
        return best - scores[-1], best, best - math.fsum(scores) / len(scores)


class Marks(NamedTuple):
    """The scores that a tenth of a minibatch's runs do not pass, and that nine tenths do not.

    Where fewer than a tenth fail, the first decile is the highest score of all, and where fewer
    than a tenth succeed, the last is the lowest. That is why neither says enough by itself.
    """

    low: float
    high: float
    lowest: float
    highest: float

    def is_poor(self, score: float) -> bool:
        """Whether it is in the first tenth and others are above it; a score of 0 always is."""
        is_last = score <= self.low + TIE and score < self.highest - TIE
        return is_last or score <= TIE

    def is_good(self, score: float) -> bool:
        """Whether it is in the last tenth and others are below it."""
        return score >= self.high - TIE and score > self.lowest + TIE


def ordered(buckets: Iterable[Bucket]) -> list[Bucket]:
    """Those with most to learn from first; what ties keeps its order."""
    return sorted(buckets, key=lambda bucket: bucket.promise, reverse=True)


def marks(buckets: Sequence[Bucket]) -> Marks:
    """The deciles and the ends of all runs; 0 and 1 where there are too few to say."""
    scores = [run.score for bucket in buckets for run in bucket.runs]
    if len(scores) < 2:
        return Marks(0.0, 1.0, 0.0, 1.0)
    deciles = statistics.quantiles(scores, n=10, method="inclusive")
    return Marks(deciles[0], deciles[-1], min(scores), max(scores))
