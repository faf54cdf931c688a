"""A score report as one HTML file that loads nothing from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from landrace.reports import chart, figures, story
from landrace.reports.neutralise import visible
from landrace.reports.worth import FRESH, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.reports.story import SampleFlip
    from landrace.reports.worth import Worth
    from landrace.schemas.report import Report


def html(report: Report, *, samples: Sequence[SampleFlip] = (), worth: Worth = FRESH) -> str:
    """The report as a whole page; ``samples`` and ``worth`` as in `markdown`."""
    page = _environment().get_template("report.html.jinja")
    return page.render(
        report=report,
        samples=samples,
        headline=story.headline(report),
        mind=warning(worth, visible),
        diff=list(_diff_lines(report.diff)),
        calls=sum(stage.calls for stage in report.stages),
        story=story,
        figures=figures,
        chart=chart,
    )


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("landrace.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_hidden_characters,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _without_hidden_characters(value: object) -> object:
    """Every value of the page passes here, so none is forgotten; markup is our own."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _diff_lines(diff: str) -> Iterator[tuple[str, str]]:
    """Each line of a unified diff with its CSS class."""
    kinds = {"+": "added", "-": "removed", "@": "place"}
    for line in diff.splitlines():
        yield ("place" if line.startswith(("+++", "---")) else kinds.get(line[:1], "same")), line
