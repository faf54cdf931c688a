"""What an eval set can tell, before or after the calls are made.

A verdict fails a drop when the whole interval of the difference lies below what is allowed,
and passes a prompt when it lies above. The figures are those of the intervals' own tests: the
score test for binary scores, whose variance is the one at the margin (Nam 1997, Biometrics
53:1422), Student's for graded ones, and what unseen cases may hold for both. Where weights
differ, cases vary like as many as they are worth (Kish 1965), and the heavy ones may hide more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landrace.stats.interval import normal_quantile, student_quantile
from landrace.stats.proportions import moments
from landrace.stats.unseen import unseen

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.stats.unseen import Weights

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
    weights: Weights | None = None,
    power: float = POWER,
) -> float | None:
    """The smallest true drop that fails with the chance ``power``; None if none surely does.

    ``noise`` is the variance of a difference without a drop, for binary scores the share of
    cases that change either way. To it comes what the drop itself makes vary. Graded scores
    are taken to drop like binary ones, by cases that break; a drop that all cases share is
    seen more surely.
    ``error`` is the chance of error of the two-sided interval. ``bounded`` says that no
    difference passes 1: so it is with scores, and not with measures of calls. ``weights`` that
    are not all equal are spread over the cases like these; ``noise`` is that of the weighted
    differences then, `Weights.design_effect` times as much, and whatever drops makes binary
    scores graded ones.
    """
    worth, of_counts = _worth(weights), 0.0
    if binary:
        found = _binary_drop(cases / worth, noise / worth, allowed, error, power)
        if weights is None or found is None:
            return found
        of_counts = found
    spread = math.sqrt(noise / cases)
    reach = _student_reach(cases / worth, error, power)
    if not bounded:
        return allowed + reach * spread
    share = _unseen(cases, error, weights)
    hidden = allowed + _out_of_sight(cases, noise, error, weights) + _one_sided(power) * spread
    # A drop takes all cases further from the end of the scale.
    breaking = _breaking_drop(cases, noise, allowed, reach, worth)
    drop = max(of_counts, breaking, hidden / (1 - share))
    return None if drop >= 1 else drop


def cases_needed(
    *,
    noise: float,
    allowed: float,
    error: float,
    binary: bool,
    bounded: bool = True,
    weights: Weights | None = None,
    power: float = POWER,
) -> int | None:
    """How many cases let an unchanged prompt pass with the chance ``power``.

    The arguments are those of `detectable_drop`. None where no drop is allowed, or next to
    none: that nothing at all was lost cannot be shown.
    """
    worth = _worth(weights)

    def enough(cases: int) -> bool:
        if binary and not _binary_passes(cases / worth, noise / worth, allowed, error, power):
            return False
        if binary and weights is None:
            return True
        spread = math.sqrt(noise / cases)
        reach = _student_reach(cases / worth, error, power) * spread
        if bounded:
            hidden = _out_of_sight(cases, noise, error, weights) + _one_sided(power) * spread
            reach = max(reach, hidden)
        return reach < allowed

    return _fewest(enough)


def _worth(weights: Weights | None) -> float:
    """How many cases are needed to vary as little as one without weights."""
    return 1.0 if weights is None else weights.design_effect


def _binary_drop(
    cases: float, noise: float, allowed: float, error: float, power: float
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


def _binary_passes(cases: float, noise: float, allowed: float, error: float, power: float) -> bool:
    at_margin = moments(noise / 2, noise / 2, -allowed)
    reach = at_margin.critical(normal_quantile(1 - error), cases, 1)
    needed = reach * math.sqrt(at_margin.variance) + _one_sided(power) * math.sqrt(noise)
    return needed < allowed * math.sqrt(cases)


def _breaking_drop(cases: int, noise: float, allowed: float, reach: float, worth: float) -> float:
    """The drop that lies ``reach`` standard errors below what is allowed, its own among them.

    It solves ``cases * (drop - allowed) ** 2 == reach**2 * (noise + drop * (worth - drop))``.
    """
    squared = reach**2 / cases
    middle = (allowed + squared * worth / 2) / (1 + squared)
    return middle + math.sqrt(middle**2 - (allowed**2 - squared * noise) / (1 + squared))


def _student_reach(cases: float, error: float, power: float) -> float:
    """How many standard errors a true difference must lie away to be told from the margin."""
    return student_quantile(1 - error, max(1, cases - 1)) + _one_sided(power)


def _one_sided(power: float) -> float:
    return normal_quantile(2 * power - 1)


def _out_of_sight(cases: int, noise: float, error: float, weights: Weights | None) -> float:
    """How far a mean may be off for cases that lie beyond the farthest that was seen.

    The scale ends at 1, or at a case's weight, and the farthest seen surely lies 1.5 standard
    deviations off.
    """
    seen = 1.5 * math.sqrt(noise)
    if weights is None:
        return unseen(cases, 1 - error) * max(0.0, 1 - seen)
    return weights.unseen(1 - error, beyond=seen, cases=cases)


def _unseen(cases: int, error: float, weights: Weights | None) -> float:
    """The share of all weight of which no case may have been seen."""
    if weights is None:
        return unseen(cases, 1 - error)
    return weights.unseen(1 - error, cases=cases)


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
