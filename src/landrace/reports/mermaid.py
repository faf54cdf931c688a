"""The search as a Mermaid chart, which GitHub and GitLab draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.reports.story import Progress

MOST_POINTS = 16  # more labels than that run into each other


def chart(points: Sequence[Progress]) -> str | None:
    """The best score by calls so far, or None where there are too few points for a line.

    Only numbers and our own words go in, so no stage's name can break the grammar.
    """
    shown = _thinned(points)
    if len(shown) < 2:
        return None
    calls = ", ".join(f'"{point.calls}"' for point in shown)
    best = ", ".join(f"{100 * point.best:.1f}" for point in shown)
    return "\n".join(
        [
            "xychart-beta",
            '    title "Best score of the search so far"',
            f'    x-axis "calls" [{calls}]',
            '    y-axis "points" 0 --> 100',
            f"    line [{best}]",
        ]
    )


def _thinned(points: Sequence[Progress]) -> list[Progress]:
    if len(points) <= MOST_POINTS:
        return list(points)
    last = len(points) - 1
    return [points[round(i * last / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]
