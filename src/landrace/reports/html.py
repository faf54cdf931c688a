"""Score reports as one HTML file that loads nothing from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.reports import chart, figures, story
from landrace.reports.html_page import body, page
from landrace.reports.neutralise import visible
from landrace.reports.worth import FRESH, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from landrace.reports.story import SampleFlip
    from landrace.reports.worth import Worth
    from landrace.schemas.report import Report


class Shown(NamedTuple):
    """A report of several on a page; ``samples`` and ``worth`` as in `markdown`."""

    report: Report
    samples: Sequence[SampleFlip] = ()
    worth: Worth = FRESH


def html(report: Report, *, samples: Sequence[SampleFlip] = (), worth: Worth = FRESH) -> str:
    """The report as a whole page; ``samples`` and ``worth`` as in `markdown`."""
    return html_of_all([Shown(report, samples, worth)])


def html_of_all(reports: Sequence[Shown]) -> str:
    """The reports below each other on one page."""
    (first, *others) = (shown.report for shown in reports)
    title = "Score reports" if others else f"{first.prompt} on {first.model}"
    return page(title, [_body(shown) for shown in reports])


def _body(shown: Shown) -> Markup:
    report = shown.report
    return body(
        "report",
        report=report,
        samples=shown.samples,
        headline=story.headline(report),
        mind=warning(shown.worth, visible),
        diff=list(_diff_lines(report.diff)),
        calls=sum(stage.calls for stage in report.stages),
        story=story,
        figures=figures,
        chart=chart,
    )


def _diff_lines(diff: str) -> Iterator[tuple[str, str]]:
    """Each line of a unified diff with its CSS class."""
    kinds = {"+": "added", "-": "removed", "@": "place"}
    for line in diff.splitlines():
        yield ("place" if line.startswith(("+++", "---")) else kinds.get(line[:1], "same")), line
