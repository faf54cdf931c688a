"""The message of the commit that pins winners: what won, by how much, on what evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import json_digest
from landrace.reports import figures, story
from landrace.reports.neutralise import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.schemas.report import Report
    from landrace.workflows.pull_request.accept import AcceptedCell

EVIDENCE_TRAILER = "Landrace-Evidence"
RUN_TRAILER = "Landrace-Run"
CELLS_NAMED = 50
NAME = 80
# What forges act on in a message: mentions, issues to be closed, `[skip ci]`.
_HARMLESS = str.maketrans({"@": "(at)", "#": "(no.)", "[": "(", "]": ")"})


class Message(NamedTuple):
    headline: str
    body: str

    @property
    def text(self) -> str:
        return f"{self.headline}\n\n{self.body}\n"


def commit_message(cells: Sequence[AcceptedCell], run: str) -> Message:
    """The message for these cells, in their order; no line of it is anybody else's text."""
    lines = [_line(cell) for cell in cells[:CELLS_NAMED]]
    if len(cells) > CELLS_NAMED:
        lines.append(f"- and {figures.plural(len(cells) - CELLS_NAMED, 'more cell')}")
    trailers = [f"{EVIDENCE_TRAILER}: {evidence_digest(cells)}", f"{RUN_TRAILER}: {run}"]
    return Message(_headline(cells), "\n".join([*lines, "", *trailers]))


def evidence_digest(cells: Sequence[AcceptedCell]) -> str:
    """One hash over all of the cells' evidence."""
    return json_digest(sorted([cell.prompt, cell.model, cell.evidence.digest] for cell in cells))


def _headline(cells: Sequence[AcceptedCell]) -> str:
    searched = [cell.report for cell in cells if cell.report is not None]
    promoted = sum(report.decision == "promoted" for report in searched)
    as_written = sum(_is_as_written(report) for report in searched)
    kept, measured = len(searched) - promoted - as_written, len(cells) - len(searched)
    said = [
        f"pin {figures.plural(promoted, 'better variant')}" if promoted else "",
        f"pin the template as written for {figures.plural(as_written, 'cell')}"
        if as_written
        else "",
        f"keep what is served for {figures.plural(kept, 'cell')}" if kept else "",
        f"compare {figures.plural(measured, 'pin')} with base" if measured else "",
    ]
    text = ", ".join(part for part in said if part)
    return text[:1].upper() + text[1:]


def _line(cell: AcceptedCell) -> str:
    prompt, model = (_plain(name) for name in (cell.prompt, cell.model))
    outcome = _outcome(cell.report) if cell.report else "compared with base as it is pinned"
    return f"- {prompt} on {model}: {outcome}"


def _plain(name: str) -> str:
    return one_line(name, NAME).translate(_HARMLESS)


def _outcome(report: Report) -> str:
    against = story.decisive(report)
    decided = "pinned as written" if _is_as_written(report) else report.decision
    if against is None:
        return decided
    lead = "" if report.decision == "promoted" else "the best found is at "
    return (
        f"{decided}, {lead}{figures.signed(against.difference)} points "
        f"{figures.signed_interval(against)} against the {against.against}"
    )


def _is_as_written(report: Report) -> bool:
    """Whether a cell gets its first pin, and nothing was found for it that beats its template."""
    return report.decision != "promoted" and not story.has_incumbent(report)
