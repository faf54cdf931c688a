"""Intervals and paired tests. Pure; scipy does the mathematics.

Binary scores get exact or score-based methods, graded ones resampling with a fixed seed, so
that the same scores always give the same numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

RESAMPLES = 9999
MANY = 2000  # from here on a mean is normal enough, and resampling costs gigabytes
TIE = 1e-9  # two scores nearer than this are equal; float noise of a mean of parts


class Interval(NamedTuple):
    """A mean and where it lies with the asked confidence."""

    mean: float
    low: float
    high: float


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


def mean_interval(scores: Sequence[float], confidence: float = 0.95) -> Interval:
    """A mean score in 0..1 and its interval: Wilson's for binary scores, else BCa bootstrap.

    Raises:
        ValueError: no scores.
    """
    values = np.asarray(scores, dtype=float)
    if values.size == 0:
        raise ValueError("no scores")
    mean = float(values.mean())
    if _is_binary(values):
        low, high = _wilson(round(float(values.sum())), values.size, confidence)
    else:
        low, high = _bootstrap(values, confidence)
    return Interval(mean, max(0.0, low), min(1.0, high))


def weighted(scores: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Scores whose plain mean is the weighted mean; unchanged where all weights are one."""
    mean = sum(weights) / len(weights)
    return [score * weight / mean for score, weight in zip(scores, weights, strict=True)]


def paired(first: Sequence[float], second: Sequence[float], confidence: float = 0.95) -> Paired:
    """Compare two sides case by case.

    Binary scores: the exact sign test on discordant pairs (McNemar's exact test) and the
    interval of Bonett and Price (2012), which adds one success and one failure and keeps
    its level at small n. Graded scores: a sign-flip permutation test and a BCa bootstrap
    interval of the mean difference.

    Raises:
        ValueError: no pairs, or sides of different length.
    """
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.size == 0 or one.size != two.size:
        raise ValueError(f"cannot pair {one.size} with {two.size} scores")
    difference = one - two
    difference[np.abs(difference) < TIE] = 0.0
    wins, losses = int((difference > 0).sum()), int((difference < 0).sum())
    ties = difference.size - wins - losses
    if _is_binary(one) and _is_binary(two):
        low, high = _bonett_price(wins, losses, difference.size, confidence)
        p, method = _sign_test(wins, losses), "exact sign test, Bonett-Price interval"
    else:
        low, high = _bootstrap(difference, confidence)
        p, method = _sign_flip(difference), "sign-flip permutation test, BCa bootstrap interval"
    return Paired(float(difference.mean()), low, high, p, wins, losses, ties, method)


def _is_binary(values: NDArray[np.float64]) -> bool:
    return bool(np.all((np.abs(values) < TIE) | (np.abs(values - 1) < TIE)))


def _quantile(confidence: float) -> float:
    from scipy.stats import norm  # noqa: PLC0415 - scipy.stats takes half a second to import

    return float(norm.ppf(0.5 + confidence / 2))


def _wilson(successes: int, n: int, confidence: float) -> tuple[float, float]:
    from scipy.stats import binomtest  # noqa: PLC0415 - as above

    interval = binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def _bonett_price(wins: int, losses: int, n: int, confidence: float) -> tuple[float, float]:
    up, down = (wins + 1) / (n + 2), (losses + 1) / (n + 2)
    half = _quantile(confidence) * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    return max(-1.0, up - down - half), min(1.0, up - down + half)


def _sign_test(wins: int, losses: int) -> float:
    from scipy.stats import binomtest  # noqa: PLC0415 - as above

    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def _bootstrap(values: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    from scipy.stats import bootstrap  # noqa: PLC0415 - as above

    if values.size == 1 or float(np.ptp(values)) < TIE:
        # Resampling cannot move a constant. With n equal values the chance of an unseen one
        # is below 1 - (1 - confidence) ** (1 / n); we let it be as far off as scores go.
        unseen = 1 - (1 - confidence) ** (1 / values.size)
        centre = float(values.mean())
        return centre - unseen, centre + unseen
    if values.size > MANY:
        half = _quantile(confidence) * float(values.std(ddof=1)) / math.sqrt(values.size)
        return float(values.mean()) - half, float(values.mean()) + half
    result = bootstrap(
        (values,),
        np.mean,
        confidence_level=confidence,
        n_resamples=RESAMPLES,
        method="BCa",
        rng=np.random.default_rng(0),
    )
    low, high = result.confidence_interval
    return float(low), float(high)


def _sign_flip(difference: NDArray[np.float64]) -> float:
    moved = difference[difference != 0]
    if moved.size == 0:
        return 1.0
    observed = abs(moved.sum())
    if moved.size <= 16:
        signs = 1 - 2 * ((np.arange(2**moved.size)[:, None] >> np.arange(moved.size)) & 1)
        return float((np.abs(signs @ moved) >= observed - TIE).mean())
    if moved.size > MANY:
        from scipy.stats import norm  # noqa: PLC0415 - as above

        return float(2 * norm.sf(observed / math.sqrt(float((moved**2).sum()))))
    rng = np.random.default_rng(0)
    signs = rng.choice((-1.0, 1.0), size=(RESAMPLES, moved.size))
    hits = int((np.abs(signs @ moved) >= observed - TIE).sum())
    return (hits + 1) / (RESAMPLES + 1)
