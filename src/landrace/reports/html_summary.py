"""The table over many cells as one HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports.html_page import body, page
from landrace.reports.summary import HEADER, rows
from landrace.reports.worth import legend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.reports.worth import Worth
    from landrace.schemas.report import Report


def html_summary(
    reports: Sequence[Report], worths: Mapping[tuple[str, str], Worth] | None = None
) -> str:
    """What `summary` shows, as a whole page."""
    shown = rows(reports, worths)
    told = legend(row.worth for row in shown)
    return page("Score reports", [body("summary", header=HEADER, rows=shown, legend=told)])
