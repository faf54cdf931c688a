"""A pull request's run for a terminal: the gate's result, and what became of the searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports.gate.text import text as gate_text
from landrace.reports.neutralise import one_line
from landrace.reports.pull_request.story import news, not_done, rows
from landrace.reports.text import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.schemas.pull_request import PullRequestReport


def text(report: PullRequestReport) -> str:
    """The run in plain text."""
    parts = [gate_text(report.gate).rstrip("\n"), _searches(report), "\n".join(_news(report))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _searches(report: PullRequestReport) -> str:
    searched = [row for row in rows(report) if row.search is not None]
    if not searched:
        return ""
    header = ("", "prompt", "model", "base → incumbent → winner", "winner's gain", "cost")
    found = [(r.verdict, r.prompt, r.model, r.course, r.gain, r.cost) for r in searched]
    return table(header, found, left=3, indent="")


def _news(report: PullRequestReport) -> Iterator[str]:
    yield from news(report)
    for one in report.unfinished:
        yield one_line(f"Not finished: {one.prompt} on {one.model}: {one.reason}.", 400)
    if why_not := not_done(report.plan):
        yield one_line(f"Not done: {why_not}.", 400)
