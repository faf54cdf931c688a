"""Where the marks of the HTML report's charts stand: percentages of a chart's width and height."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.reports.story import Progress
    from landrace.schemas.report import Comparison, Estimate

# Half-widths in points for the axis of differences, the smallest that fits is taken.
_REACHES = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
_TOP, _BOTTOM = 6.0, 94.0  # keeps a mark at the very edge inside the chart


class Span(NamedTuple):
    """An interval and its middle, left to right."""

    low: float
    middle: float
    high: float


class Dot(NamedTuple):
    """A point of the search's course; ``y`` runs downwards, as in SVG."""

    x: float
    y: float
    progress: Progress


def score_span(value: Estimate) -> Span:
    """An estimate on an axis of scores from 0 to 1."""
    return Span(100 * value.low, 100 * value.mean, 100 * value.high)


def reach(comparisons: Sequence[Comparison]) -> float:
    """How far the axis of differences goes to either side of zero, as a score."""
    widest = max((max(abs(one.low), abs(one.high)) for one in comparisons), default=0.0)
    return next((reach for reach in _REACHES if widest <= reach), 1.0)


def difference_span(value: Comparison, reach: float) -> Span:
    """A difference on an axis from ``-reach`` to ``reach``."""
    low, middle, high = (
        50 + 50 * number / reach for number in (value.low, value.difference, value.high)
    )
    return Span(low, middle, high)


def dots(points: Sequence[Progress], calls: int) -> list[Dot]:
    """The search's course on an axis of ``calls``."""
    return [Dot(100 * point.calls / max(calls, 1), height(point.best), point) for point in points]


def height(score: float) -> float:
    """Where a score stands between a chart's top and bottom."""
    return _BOTTOM - score * (_BOTTOM - _TOP)
