"""What an eval set can tell, before or after the calls are made.

A verdict fails a drop when the whole interval of the difference lies below what is allowed,
and passes a prompt when it lies above. The figures are those of the intervals' own tests: the
score test for binary scores, whose variance is the one at the margin (Nam 1997, Biometrics
53:1422), Student's for graded ones, and what unseen cases may hold for both.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landrace.stats.bootstrap import unseen
from landrace.stats.interval import normal_quantile, student_quantile
from landrace.stats.proportions import moments

if TYPE_CHECKING:
    from collections.abc import Callable

POWER = 0.8
MOST_CASES = 10**9


def detectable_drop(
    *,
    cases: int,
    noise: float,
    allowed: float,
    error: float,
    binary: bool,
    bounded: bool = True,
    power: float = POWER,
) -> float | None:
    """The smallest true drop that fails with the chance ``power``; None if none surely does.

    ``noise`` is the variance of a difference without a drop, for binary scores the share of
    cases that change either way. To it comes what the drop itself makes vary. Graded scores
    are taken to drop like binary ones, by cases that break; a drop that all cases share is
    seen more surely.
    ``error`` is the chance of error of the two-sided interval. ``bounded`` says that no
    difference passes 1: so it is with scores, and not with measures of calls.
    """
    if binary:
        return _binary_drop(cases, noise, allowed, error, power)
    spread = math.sqrt(noise / cases)
    reach = _student_reach(cases, error, power)
    if not bounded:
        return allowed + reach * spread
    share = unseen(cases, 1 - error)
    hidden = allowed + share * _out_of_sight(noise) + _one_sided(power) * spread
    # A drop takes all cases further from the end of the scale.
    drop = max(_breaking_drop(cases, noise, allowed, reach), hidden / (1 - share))
    return None if drop >= 1 else drop


def cases_needed(
    *,
    noise: float,
    allowed: float,
    error: float,
    binary: bool,
    bounded: bool = True,
    power: float = POWER,
) -> int | None:
    """How many cases let an unchanged prompt pass with the chance ``power``.

    The arguments are those of `detectable_drop`. None where no drop is allowed, or next to
    none: that nothing at all was lost cannot be shown.
    """
    if binary:
        return _fewest(lambda cases: _binary_passes(cases, noise, allowed, error, power))

    def enough(cases: int) -> bool:
        spread = math.sqrt(noise / cases)
        reach = _student_reach(cases, error, power) * spread
        if bounded:
            hidden = unseen(cases, 1 - error) * _out_of_sight(noise) + _one_sided(power) * spread
            reach = max(reach, hidden)
        return reach < allowed

    return _fewest(enough)


def _binary_drop(
    cases: int, noise: float, allowed: float, error: float, power: float
) -> float | None:
    from scipy.optimize import brentq  # noqa: PLC0415 - see the package

    reach, sure = normal_quantile(1 - error), _one_sided(power)

    def excess(drop: float) -> float:
        """How far the expected result lies beyond what fails with the asked chance."""
        at_margin = moments(noise / 2, noise / 2 + drop, -allowed)
        needed = at_margin.critical(reach, cases, -1) * math.sqrt(at_margin.variance)
        needed += sure * math.sqrt(noise + drop * (1 - drop))
        return (drop - allowed) * math.sqrt(cases) - needed

    most = 1 - noise  # every case changes then
    if allowed >= most or excess(most) < 0:
        return None
    return float(brentq(excess, allowed, most, xtol=1e-9))


def _binary_passes(cases: int, noise: float, allowed: float, error: float, power: float) -> bool:
    at_margin = moments(noise / 2, noise / 2, -allowed)
    reach = at_margin.critical(normal_quantile(1 - error), cases, 1)
    needed = reach * math.sqrt(at_margin.variance) + _one_sided(power) * math.sqrt(noise)
    return needed < allowed * math.sqrt(cases)


def _breaking_drop(cases: int, noise: float, allowed: float, reach: float) -> float:
    """The drop that lies ``reach`` standard errors below what is allowed, its own among them.

    It solves ``cases * (drop - allowed) ** 2 == reach**2 * (noise + drop * (1 - drop))``.
    """
    squared = reach**2 / cases
    middle = (allowed + squared / 2) / (1 + squared)
    return middle + math.sqrt(middle**2 - (allowed**2 - squared * noise) / (1 + squared))


def _student_reach(cases: int, error: float, power: float) -> float:
    """How many standard errors a true difference must lie away to be told from the margin."""
    return student_quantile(1 - error, max(1, cases - 1)) + _one_sided(power)


def _one_sided(power: float) -> float:
    return normal_quantile(2 * power - 1)


def _out_of_sight(noise: float) -> float:
    """How far a score may lie from the nearest one that was seen.

    The scale ends at 1, and the farthest seen surely lies 1.5 standard deviations off.
    """
    return max(0.0, 1 - 1.5 * math.sqrt(noise))


def _fewest(enough: Callable[[int], bool]) -> int | None:
    """The least number from two on that is enough, where every larger one is as well.

    None where more than anybody has would be.
    """
    most = 2
    while not enough(most):
        most *= 2
        if most > MOST_CASES:
            return None
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most
