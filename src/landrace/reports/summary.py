"""One table over many cells: prompts by models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports import figures, story
from landrace.reports.markdown import table
from landrace.reports.neutralise import code
from landrace.reports.worth import FRESH, legend, mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.reports.worth import Worth
    from landrace.schemas.report import Comparison, Contender, Report

HEADER = (
    "prompt",
    "model",
    "base",
    "winner",
    "difference, paired",
    "held-out cases",
    "tokens a call",
    "decision",
)


def summary(
    reports: Sequence[Report], worths: Mapping[tuple[str, str], Worth] | None = None
) -> str:
    """A Markdown table with a line for each cell, sorted by prompt and model.

    Scores and differences are points out of 100 on the holdout; the difference is the
    winner's to the base, with its interval. ``worths`` are by prompt and model; what has none is
    taken as fresh, and what is not fresh is marked.
    """
    known = worths or {}
    ordered = sorted(reports, key=lambda report: (report.prompt, report.model))
    today = [known.get((report.prompt, report.model), FRESH) for report in ordered]
    rows = [_row(report, worth) for report, worth in zip(ordered, today, strict=True)]
    return "\n\n".join([table(HEADER, rows, left=2), *legend(today)]) + "\n"


def _row(report: Report, worth: Worth) -> tuple[str, ...]:
    base, winner = story.contender(report, "base"), story.contender(report, "winner")
    paired = next((one for one in report.comparisons if one.against == "base"), None)
    return (
        code(report.prompt, cell=True),
        code(report.model, cell=True),
        _score(base),
        _score(winner),
        _difference(paired),
        figures.UNKNOWN if paired is None else figures.count(story.cases_compared(paired)),
        f"{_tokens(base)} → {_tokens(winner)}",
        f"{report.decision}{mark(worth)}",
    )


def _score(one: Contender | None) -> str:
    return (
        figures.UNKNOWN if one is None or one.holdout is None else figures.points(one.holdout.mean)
    )


def _tokens(one: Contender | None) -> str:
    return figures.mean_count(story.tokens_a_call(one))


def _difference(paired: Comparison | None) -> str:
    if paired is None:
        return figures.UNKNOWN
    return f"**{figures.signed(paired.difference)}** {figures.signed_interval(paired)}"
