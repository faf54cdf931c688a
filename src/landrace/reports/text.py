"""The report for a terminal or a log: short, plain, without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from landrace.reports import figures, story
from landrace.reports.neutralise import one_line
from landrace.reports.worth import FRESH, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from landrace.reports.story import SampleFlip
    from landrace.reports.worth import Worth
    from landrace.schemas.report import Flip, Report

FLIPS_SHOWN = 3


def text(report: Report, *, samples: Sequence[SampleFlip] = (), worth: Worth = FRESH) -> str:
    """The report in at most 25 lines, of which none ends in a line feed but the last.

    Below them stand the first ``samples``, for local viewing only, as in `markdown`.
    """
    parts = [_headline(report, worth), _scores(report), _notes(report), *_samples(samples)]
    return "\n\n".join(parts) + "\n"


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1, indent: str = "  "
) -> str:
    """Aligned columns, two spaces apart: the first ``left`` to the left, numbers to the right.

    Cells are made safe for a terminal here; wide characters count as two.
    """
    cells = [[one_line(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        indent + "  ".join(map(_padded, row, widths, (i < left for i in range(len(row))))).rstrip()
        for row in cells
    )


def _padded(cell: str, width: int, left: bool) -> str:  # noqa: FBT001 - mapped over columns
    fill = " " * (width - cell_len(cell))
    return cell + fill if left else fill + cell


def _headline(report: Report, worth: Worth) -> str:
    said = story.headline(report)
    lines = [
        f"{one_line(report.prompt)} on {one_line(report.model)}",
        f"{said.verdict}: {said.evidence}" if said.evidence else said.verdict,
    ]
    if said.reason:
        lines.append(f"Why: {one_line(said.reason, 400)}.")
    if mind := warning(worth, lambda reasons: one_line(reasons, 400)):
        lines.append(f"Mind: {mind}")
    return "\n".join(lines)


def _scores(report: Report) -> str:
    rows = [
        (
            story.title(report, one),
            figures.estimate(one.select),
            figures.estimate(one.holdout),
            figures.cases(one.holdout),
            figures.mean_count(story.tokens_a_call(one)),
            figures.dollars(one.cost_usd),
        )
        for one in report.contenders
    ]
    return table(("", "select", "holdout", "n", "tokens/call", "cost/call"), rows)


def _notes(report: Report) -> str:
    lines = [
        f"Against the {one.against}: {figures.signed(one.difference)} "
        f"{figures.signed_interval(one)}, p {figures.probability(one.p)}, "
        f"won {one.wins}, lost {one.losses}, tied {one.ties}"
        for one in report.comparisons
    ]
    if report.flips:
        lines.append(f"Cases won: {_ids(story.won(report))}; lost: {_ids(story.lost(report))}.")
    if report.inflation is not None:
        lines.append(_inflation(report.inflation, story.base_gap(report)))
    lines.append(f"{story.looks(report)}.")
    lines += [f"Mind: {warning}." for warning in story.warnings(report)]
    lines.append(f"Spent: {story.spent(report)}.")
    return "\n".join(lines)


def _samples(samples: Sequence[SampleFlip]) -> Iterator[str]:
    for sample in samples[:FLIPS_SHOWN]:
        rows = zip(("input", "expected", "base", "winner", "feedback"), sample[1:], strict=True)
        shown = [f"  {name + ':':<9} {one_line(said)}" for name, said in rows if said]
        yield "\n".join([f"Case {one_line(sample.case_id, 40)}", *shown])
    more = min(len(samples), story.SAMPLES_ON_A_PAGE) - FLIPS_SHOWN
    if more > 0:
        yield f"{figures.plural(more, 'more case')} in --format html."


def _inflation(inflation: float, base_gap: float | None) -> str:
    of_base = "" if base_gap is None else f"; of the base {figures.signed(base_gap)}"
    return f"Inflation (select minus holdout): {figures.signed(inflation)}{of_base}."


def _ids(flips: Sequence[Flip]) -> str:
    if not flips:
        return "none"
    named = ", ".join(one_line(flip.case_id, 40) for flip in flips[:FLIPS_SHOWN])
    more = len(flips) - FLIPS_SHOWN
    return f"{named} and {more} more" if more > 0 else named
