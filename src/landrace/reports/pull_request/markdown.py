"""The one comment on a pull request."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from landrace.reports import figures, story
from landrace.reports.gate.markdown import MARKS, details, first_fitting
from landrace.reports.gate.story import headline, spent
from landrace.reports.markdown import MOST_CHARACTERS, change, table
from landrace.reports.neutralise import code, inside_html, prose
from landrace.reports.pull_request.story import news, not_done, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.reports.pull_request.story import Row
    from landrace.schemas.pull_request import PullRequestReport, TransferRow
    from landrace.schemas.report import Report
    from landrace.schemas.results import Unfinished

T = TypeVar("T")

# Shares of a comment's 60,000 characters; what a section leaves over, details of cells take.
ROOM_FOR_CELLS = 16_000
ROOM_FOR_UNFINISHED = 8_000
ROOM_FOR_TRANSFERS = 8_000
ROOM_FOR_NOTES = 8_000
ROOM_FOR_CLOSING = 600
_OTHER_MARKS = {"kept": "👍", "new": "🌱"}


def markdown(report: PullRequestReport, *, limit: int = MOST_CHARACTERS) -> str:
    """The run as Markdown of at most ``limit`` characters, which are 45,000 or more.

    What is left out is counted.
    """
    found = rows(report)
    why_not = not_done(report.plan)
    parts = [
        f"## {MARKS[report.gate.verdict]} landrace: {report.gate.verdict}",
        f"Result {prose(headline(report.gate), 400)}.",
        *([f"> **Not done:** {prose(why_not)}."] if why_not else []),
        *news(report),
        *notes(report.gate.notes),
    ]
    parts += [_cells(found)] if found else []
    parts += [_unfinished(report.unfinished)] if report.unfinished else []
    parts += _transfers(report.transfers)
    closing = _closing(report)
    room = limit - ROOM_FOR_CLOSING - len(closing) - len("\n\n".join(parts))
    shown = list(first_fitting(map(_details, found), room))
    parts += shown
    if left_out := len(found) - len(shown):
        parts.append(f"Details of {figures.plural(left_out, 'more cell')} are left out here.")
    return "\n\n".join([*parts, closing]) + "\n"


def notes(found: Sequence[str]) -> Iterator[str]:
    """Sentences without a full stop, as far as there is room."""
    shown = list(first_fitting((f"> Note: {prose(note)}." for note in found), ROOM_FOR_NOTES))
    yield from shown
    if more := len(found) - len(shown):
        yield f"> {figures.plural(more, 'more note')} not shown."


def fitting_table(
    header: Sequence[str],
    cells: Sequence[T],
    row: Callable[[T], Sequence[str]],
    *,
    left: int,
    room: int,
) -> str:
    """A table with a row for each cell that there is room for; the others are counted below."""
    lines = (f"| {' | '.join(row(cell))} |" for cell in cells)
    shown = list(first_fitting(lines, room))
    more = len(cells) - len(shown)
    rest = f"\n\n{figures.plural(more, 'more cell')} not shown." if more else ""
    return "\n".join([table(header, (), left=left), *shown]) + rest


def _cells(found: Sequence[Row]) -> str:
    header = (
        "",
        "prompt",
        "model",
        "base → incumbent → winner",
        "winner's gain",
        "served",
        "cost of the search",
    )
    shown = fitting_table(header, found, _row, left=3, room=ROOM_FOR_CELLS)
    chosen_by = " (“on select”: on those that the search chose by)"
    select = chosen_by if any(row.is_on_select for row in found) else ""
    return (
        f"{shown}\n\nPoints out of 100 on held-out cases{select}, with intervals. “served” is head "
        "minus base of what applications are served, on held-out cases."
    )


def _row(row: Row) -> tuple[str, ...]:
    return (
        f"{MARKS.get(row.verdict) or _OTHER_MARKS[row.verdict]} {row.verdict}",
        code(row.prompt, 100, cell=True),
        code(row.model, 100, cell=True),
        row.course,
        _unbroken_interval(row.gain),
        _unbroken_interval(row.served),
        row.cost,
    )


def _unbroken_interval(figure: str) -> str:
    """In a narrow column an interval goes to the next line as a whole."""
    return figure.replace(", ", ",&nbsp;")


def _unfinished(cells: Sequence[Unfinished]) -> str:
    header = ("prompt", "model", "why")
    shown = fitting_table(header, cells, _why, left=3, room=ROOM_FOR_UNFINISHED)
    return f"**Not finished.** What was paid for is kept, and the next run goes on.\n\n{shown}"


def _why(cell: Unfinished) -> tuple[str, ...]:
    names = (code(name, 100, cell=True) for name in (cell.prompt, cell.model))
    return (*names, prose(cell.reason, 200))


def _transfers(found: Sequence[TransferRow]) -> Iterator[str]:
    """For each prompt: each winner on each model."""
    prompts = [(prompt, list(group)) for prompt, group in groupby(found, lambda r: r.prompt)]
    shown = list(first_fitting((_matrix(*prompt) for prompt in prompts), ROOM_FOR_TRANSFERS))
    yield from shown
    if more := len(prompts) - len(shown):
        yield f"{figures.count(more)} more of these tables not shown."


def _matrix(prompt: str, winners: Sequence[TransferRow]) -> str:
    models = list(dict.fromkeys(one.model for row in winners for one in row.scores))
    lines = []
    for row in winners:
        scores = {one.model: figures.points(one.score) for one in row.scores}
        own = row.winner_of
        cells = [f"**{scores[m]}**" if m == own else scores.get(m, figures.UNKNOWN) for m in models]
        lines.append((code(own, 100, cell=True), *cells))
    header = ("winner of", *(code(model, 100, cell=True) for model in models))
    return (
        f"<details><summary>Each winner of {inside_html(prompt, 100)} on each model</summary>\n\n"
        f"{table(header, lines)}\n\n</details>"
    )


def _details(row: Row) -> str:
    told = _story(row.search) if row.search else []
    if row.gate is not None:
        return details(row.gate, told)
    name = f"{inside_html(row.prompt, 100)} on {inside_html(row.model, 100)}"
    body = "\n\n".join(told)
    return f"<details><summary>{row.verdict}: {name}</summary>\n\n{body}\n\n</details>"


def _story(found: Report) -> list[str]:
    said = story.headline(found)
    evidence = f": {said.evidence}" if said.evidence else ""
    reason = f" Why: {prose(said.reason)}." if said.reason else ""
    lines = [f"**{said.verdict}{evidence}.**{reason} {story.looks(found)}."]
    if found.decision == "promoted":
        lines.append(change(found))
    return [line for line in lines if line]


def about(report: PullRequestReport) -> str:
    """How the last line of a report begins, and of no other base and head."""
    return f"<sub>{_short(report.base)} … {_short(report.head)}, run "


def _closing(report: PullRequestReport) -> str:
    commit = f" Committed as {_short(report.committed)}." if report.committed else ""
    told = f"{prose(report.run, 60)}. {prose(spent(report.spent))}.{commit}"
    return f"{about(report)}{told}</sub>"


def _short(commit: str) -> str:
    return prose(commit[:12])
