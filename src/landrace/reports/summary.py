"""One table over many cells: prompts by models."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.reports import figures, story
from landrace.reports.markdown import table
from landrace.reports.neutralise import code
from landrace.reports.worth import FRESH, legend, mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.reports.worth import Worth
    from landrace.schemas.report import Contender, Report

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


class Row(NamedTuple):
    """A cell in the table, its columns in the order of `HEADER`; names are other people's."""

    prompt: str
    model: str
    base: str
    winner: str
    difference: str
    interval: str
    cases: str
    tokens: str
    decision: str
    worth: Worth


def summary(
    reports: Sequence[Report], worths: Mapping[tuple[str, str], Worth] | None = None
) -> str:
    """A Markdown table of `rows`, and below it what its marks mean."""
    shown = rows(reports, worths)
    told = [f"**{status}**: {meaning}" for status, meaning in legend(row.worth for row in shown)]
    return "\n\n".join([table(HEADER, map(_cells, shown), left=2), *told]) + "\n"


def rows(
    reports: Sequence[Report], worths: Mapping[tuple[str, str], Worth] | None = None
) -> list[Row]:
    """A row for each cell, sorted by prompt and model.

    Scores and differences are points out of 100 on the holdout; the difference is the
    winner's to the base, with its interval. ``worths`` are by prompt and model; what has none is
    taken as fresh, and what is not fresh is marked.
    """
    known = worths or {}
    ordered = sorted(reports, key=lambda report: (report.prompt, report.model))
    return [_row(report, known.get((report.prompt, report.model), FRESH)) for report in ordered]


def _row(report: Report, worth: Worth) -> Row:
    base, winner = story.contender(report, "base"), story.contender(report, "winner")
    paired = next((one for one in report.comparisons if one.against == "base"), None)
    return Row(
        report.prompt,
        report.model,
        _score(base),
        _score(winner),
        figures.UNKNOWN if paired is None else figures.signed(paired.difference),
        "" if paired is None else figures.signed_interval(paired),
        figures.UNKNOWN if paired is None else figures.count(story.cases_compared(paired)),
        f"{_tokens(base)} → {_tokens(winner)}",
        f"{report.decision}{mark(worth)}",
        worth,
    )


def _cells(row: Row) -> tuple[str, ...]:
    return (
        code(row.prompt, cell=True),
        code(row.model, cell=True),
        row.base,
        row.winner,
        f"**{row.difference}** {row.interval}" if row.interval else row.difference,
        row.cases,
        row.tokens,
        row.decision,
    )


def _score(one: Contender | None) -> str:
    return (
        figures.UNKNOWN if one is None or one.holdout is None else figures.points(one.holdout.mean)
    )


def _tokens(one: Contender | None) -> str:
    return figures.mean_count(story.tokens_a_call(one))
