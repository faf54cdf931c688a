"""Two sides on the same cases."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landrace.stats.bootstrap import MeanBootstrap, deviation
from landrace.stats.interval import TIE, Interval, is_binary
from landrace.stats.proportions import sign_test, tango
from landrace.stats.unseen import Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FLIPS = 9999
MANY = 1000  # from here on a sum is normal enough, and flips cost a lot of memory


class Paired(NamedTuple):
    """Scores of one side minus the other's on the same cases.

    ``p`` is two-sided. ``wins`` counts cases on which the first side is better.
    """

    difference: float
    low: float
    high: float
    p: float
    wins: int
    losses: int
    ties: int
    method: str


class Pairs:
    """The differences of two sides, with intervals at any confidence.

    Binary scores: the exact sign test on discordant pairs (McNemar's exact test) and Tango's
    score interval. Graded ones, among them means over repeats: a sign-flip permutation test
    and an expanded BCa bootstrap interval. Where no pair differs at all, graded scores tell
    what binary ones do. A case is one pair, however often it was asked.

    With ``weights`` it is the difference of two weighted means. Binary scores whose weights
    differ are graded ones, but where no pair differs: then the interval is Tango's of the
    effective number of cases (Kish 1965), and never shorter than what the heaviest cases may
    hide, which can be far more (`unseen`). ``planned`` are the weights of all cases of which
    these are a random part.

    ``bounded`` says that the values are scores in 0..1. Others, such as counts of tokens, are
    graded whatever they are.

    Raises:
        ValueError: no pairs, sides of different length, or not as many weights.
    """

    def __init__(
        self,
        first: Sequence[float],
        second: Sequence[float],
        weights: Sequence[float] | None = None,
        *,
        planned: Sequence[float] | None = None,
        bounded: bool = True,
    ) -> None:
        one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
        if one.size == 0 or one.size != two.size:
            raise ValueError(f"cannot pair {one.size} with {two.size} scores")
        self._differences = one - two
        self._differences[np.abs(self._differences) < TIE] = 0.0
        self.weights = Weights.of(weights, one.size, planned)
        if self.weights is not None:
            self._differences *= self.weights.relative
        moved = bool(self._differences.any())
        are_counts = self.weights is None and is_binary(one) and is_binary(two)
        self.bounded = bounded
        self.binary = bounded and (not moved or are_counts)
        self.size = int(one.size)
        self.wins = int((self._differences > 0).sum())
        self.losses = int((self._differences < 0).sum())
        self.ties = self.size - self.wins - self.losses
        self.mean = float(self._differences.mean())

    @property
    def method(self) -> str:
        if self.binary:
            return "exact sign test, Tango score interval"
        return "sign-flip permutation test, BCa bootstrap interval"

    @cached_property
    def p(self) -> float:
        """Two-sided, of no difference at all."""
        return sign_test(self.wins, self.losses) if self.binary else _sign_flip(self._differences)

    @property
    def noise(self) -> float:
        """The variance of a difference but for a shift of the mean.

        For binary scores that is the share of pairs that cancel out, never quite zero: one
        pseudo-pair stands for what a small eval set cannot show.
        """
        if self.binary and self.weights is not None:
            return self.weights.design_effect / (self.weights.effective + 1)
        if self.binary:
            return (2 * min(self.wins, self.losses) + 1) / (self.size + 1)
        if self.bounded:
            return float(self._differences.var(ddof=1)) if self.size > 1 else 0.0
        return deviation(self._differences) ** 2

    def interval(self, confidence: float) -> Interval:
        if self.binary:
            low, high = self._of_counts(confidence)
        else:
            low, high = self._bootstrap.limits(confidence)
        if self.bounded:
            low, high = max(-1.0, low), min(1.0, high)
        return Interval(self.mean, low, high)

    def _of_counts(self, confidence: float) -> tuple[float, float]:
        if self.weights is None:
            return tango(self.wins, self.losses, self.size, confidence)
        low, high = tango(0, 0, self.weights.effective, confidence)
        share = self.weights.unseen(confidence)
        return min(low, -share), max(high, share)

    @cached_property
    def _bootstrap(self) -> MeanBootstrap:
        if self.weights is None:
            return MeanBootstrap(self._differences, (-1.0, 1.0) if self.bounded else None)
        shape = self.weights.shape
        ends = (-shape, shape) if self.bounded else None
        return MeanBootstrap(self._differences, ends, self.weights.effective)


def paired(
    first: Sequence[float],
    second: Sequence[float],
    confidence: float = 0.95,
    weights: Sequence[float] | None = None,
) -> Paired:
    """Compare two sides case by case. Raises like `Pairs`."""
    pairs = Pairs(first, second, weights)
    interval = pairs.interval(confidence)
    return Paired(
        pairs.mean,
        interval.low,
        interval.high,
        pairs.p,
        pairs.wins,
        pairs.losses,
        pairs.ties,
        pairs.method,
    )


def _sign_flip(difference: NDArray[np.float64]) -> float:
    moved = difference[difference != 0]
    if moved.size == 0:
        return 1.0
    observed = abs(moved.sum())
    if moved.size <= 16:
        signs = 1 - 2 * ((np.arange(2**moved.size)[:, None] >> np.arange(moved.size)) & 1)
        return float((np.abs(signs @ moved) >= observed - TIE).mean())
    if moved.size > MANY:
        from scipy.stats import norm  # noqa: PLC0415 - see the package

        return float(2 * norm.sf(observed / np.sqrt(float((moved**2).sum()))))
    rng = np.random.default_rng(0)
    signs = rng.choice((-1.0, 1.0), size=(FLIPS, moved.size))
    hits = int((np.abs(signs @ moved) >= observed - TIE).sum())
    return (hits + 1) / (FLIPS + 1)
