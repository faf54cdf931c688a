"""Score intervals and exact tests of binary scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from landrace.stats.interval import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Callable

_EDGE = 1e-9  # a difference of exactly one has no variance


class Moments(NamedTuple):
    """What one case's score, or one pair's difference, varies by, were a certain mean true."""

    variance: float
    third: float

    def critical(self, reach: float, n: float, side: int) -> float:
        """How many standard errors the mean of ``n`` of them must lie off, not to be luck.

        ``reach`` is the normal quantile and ``side`` the tail, -1 or 1. A tail that is longer
        than the normal one asks for more (Cornish and Fisher's first term); a shorter one is
        not made use of.
        """
        if self.variance == 0:
            return reach
        skewness = self.third / (self.variance * math.sqrt(self.variance * n))
        return reach + max(0.0, side * skewness * (reach**2 - 1) / 6)


def moments(wins: float, losses: float, difference: float) -> Moments:
    """The moments under a true ``difference``, given the observed shares of wins and losses.

    The chance of a loss under it has its most likely value in closed form (Tango 1998).
    """
    b = -wins - losses + (2 - wins + losses) * difference
    c = -losses * difference * (1 - difference)
    loss = (math.sqrt(max(0.0, b * b - 8 * c)) - b) / 4
    discordant = 2 * loss + difference
    return Moments(
        max(0.0, discordant - difference**2),
        difference - 3 * difference * discordant + 2 * difference**3,
    )


def wilson(successes: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's score interval of a share: those that the score test does not refuse.

    The plain test refuses a share near 1 of which a single case is wrong: a true .995 does not
    lie in its interval in one run of seven with 30 cases. Hence the longer tail of `Moments`.
    """
    reach = normal_quantile(confidence)

    def limit(side: int) -> float:
        return _limit(side, reach, n, successes / n, _of_share, least=0.0)

    return limit(1), limit(-1)


def _of_share(share: float) -> Moments:
    variance = share * (1 - share)
    return Moments(variance, variance * (1 - 2 * share))


def sign_test(wins: int, losses: int) -> float:
    """The two-sided p of the exact sign test on discordant pairs: McNemar's exact test."""
    from scipy.stats import binomtest  # noqa: PLC0415 - see the package

    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def tango(wins: int, losses: int, n: float, confidence: float) -> tuple[float, float]:
    """Tango's score interval of a paired difference of shares (1998, Stat. Med. 17:891).

    It is the set of differences that the score test does not refuse, so that test and interval
    cannot disagree, also about a margin other than zero. Where hardly any pair is won, losses
    are as skewed as rare events are, and the plain test refuses up to three times too often
    at the small levels that many claims leave to each. Hence the longer tail of `Moments`, as
    Laud (2017, Pharm. Stat. 16:334) has it for two rates.
    """
    reach = normal_quantile(confidence)

    def under(difference: float) -> Moments:
        return moments(wins / n, losses / n, difference)

    def limit(side: int) -> float:
        return _limit(side, reach, n, (wins - losses) / n, under, least=-1.0)

    return limit(1), limit(-1)


def _limit(
    side: int,
    reach: float,
    n: float,
    observed: float,
    under: Callable[[float], Moments],
    *,
    least: float,
) -> float:
    """The true mean, from ``least`` to 1, at which the falling score statistic is critical.

    ``side`` is 1 for the lower limit, above which the observed mean lies, and -1 for the upper.
    """
    from scipy.optimize import brentq  # noqa: PLC0415 - see the package

    def excess(true: float) -> float:
        found = under(true)
        distance = observed - true
        critical = side * found.critical(reach, n, side)
        if found.variance == 0:
            return math.copysign(math.inf, distance) if distance else -critical
        return distance * math.sqrt(n / found.variance) - critical

    low, high = least + _EDGE, 1 - _EDGE
    if excess(low) <= 0:
        return least
    if excess(high) >= 0:
        return 1.0
    return float(brentq(excess, low, high, xtol=1e-10))
