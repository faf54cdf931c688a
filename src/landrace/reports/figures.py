"""Numbers as people read them. Scores of 0..1 are shown as points out of 100."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.schemas.report import Comparison, Estimate

UNKNOWN = "\u2013"


def points(score: float, digits: int = 1) -> str:
    """A score as points out of 100: ``81.4``."""
    return f"{_tidy(100 * score, digits):.{digits}f}"


def signed(difference: float, digits: int = 1) -> str:
    """A difference of scores in points, with its sign: ``+3.2``."""
    value = _tidy(100 * difference, digits)
    return f"{value:+.{digits}f}" if value else f"{value:.{digits}f}"


def estimate(value: Estimate | None) -> str:
    """A mean with its interval: ``81.4 [73.6, 87.3]``."""
    if value is None:
        return UNKNOWN
    return f"{points(value.mean)} [{points(value.low)}, {points(value.high)}]"


def cases(value: Estimate | None) -> str:
    """How many cases have a score, and the coverage where some are missing: ``118 (95.1%)``."""
    if value is None:
        return UNKNOWN
    return count(value.n) if value.coverage >= 1 else f"{count(value.n)} ({share(value.coverage)})"


def signed_interval(value: Comparison) -> str:
    """The interval of a paired difference in points: ``[+1.2, +11.8]``."""
    return f"[{signed(value.low)}, {signed(value.high)}]"


def probability(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def share(value: float) -> str:
    """A share of one in percent, rounded down, so that only all of it is 100%: ``99.9%``."""
    return f"{math.floor(1000 * value + 1e-9) / 10:g}%"


def count(value: float) -> str:
    """A whole number with separators: ``12,345``."""
    return f"{value:,.0f}"


def whole(value: int | None) -> str:
    return UNKNOWN if value is None else count(value)


def mean_count(value: float | None) -> str:
    """A mean of counts; one decimal where it is small enough to matter."""
    if value is None:
        return UNKNOWN
    return f"{value:,.1f}" if value < 100 else count(value)


def dollars(value: float | None) -> str:
    """US dollars with three digits that say something: ``$0.000312``, ``$0``."""
    if value is None:
        return UNKNOWN
    if value == 0:
        return "$0"
    if value >= 1:
        return f"${value:,.2f}"
    return f"${value:.{2 - math.floor(math.log10(value))}f}"


def plural(number: int, noun: str) -> str:
    """``1 case``, ``1,200 cases``."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def _tidy(value: float, digits: int) -> float:
    return round(value, digits) + 0.0  # adding zero turns -0.0 into 0.0
