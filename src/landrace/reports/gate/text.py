"""A gate's result for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports import figures
from landrace.reports.gate import story
from landrace.reports.neutralise import one_line
from landrace.reports.text import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.schemas.gate_report import FlipSample, GateCell, GateReport

FLIPS_SHOWN = 10
FLIP_CHARACTERS = 160


def text(report: GateReport) -> str:
    """The verdict, a line for each cell, and what there is to say of each that did not pass."""
    lines = [one_line(story.headline(report), 400)]
    lines += [f"Note: {one_line(note, 400)}." for note in report.notes]
    if report.cells:
        lines += ["", _cells(report)]
    for cell in report.cells:
        details = list(_details(cell))
        if details:
            head = f"{cell.verdict}: {cell.prompt} on {cell.model}"
            lines += ["", one_line(head), *(f"  {line}" for line in details)]
    lines += ["", f"Spent: {story.spent(report.spent)}."]
    return "\n".join(lines) + "\n"


def _cells(report: GateReport) -> str:
    header = ("verdict", "prompt", "model", "base → head", "difference", "cases", "calls")
    return table(header, map(_row, report.cells), left=3, indent="")


def _row(cell: GateCell) -> tuple[str, ...]:
    claim = story.decisive(cell)
    return (
        cell.verdict,
        cell.prompt,
        cell.model,
        story.sides(claim) if claim else figures.UNKNOWN,
        story.difference(claim) if claim else figures.UNKNOWN,
        figures.count(cell.scored),
        figures.count(cell.spent.calls),
    )


def _details(cell: GateCell) -> Iterator[str]:
    yield f"{one_line(cell.reason, 400)} ({story.looks(cell)})."
    if cell.verdict != "PASS" or len(cell.claims) > 1:
        for claim in cell.claims:
            yield (
                f"{claim.verdict} {one_line(story.name(claim))} ({claim.severity}): "
                f"{one_line(story.evidence(claim), 400)}"
            )
    for power in dict.fromkeys(story.power(claim) for claim in cell.claims):
        if power:
            yield f"{power}."
    for found in cell.breaks:
        yield f"Broken {found.kind} {one_line(found.name)}: {one_line(found.reason)}."
    if flaky := story.flaky(cell):
        yield f"Flaky: {_names(flaky)}."
    for line in story.drift(cell.drift) if cell.drift else ():
        yield f"Drift: {one_line(line, 400)}."
    yield from _flips(cell.flips)


def _names(names: Sequence[str]) -> str:
    shown, more = story.named(names)
    return ", ".join(one_line(name, 60) for name in shown) + more


def _flips(flips: Sequence[FlipSample]) -> Iterator[str]:
    for flip in flips[:FLIPS_SHOWN]:
        scores = f"{flip.base_score:.2f} → {flip.head_score:.2f}"
        yield f"{one_line(flip.case_id, 60)}: {scores}"
        yield f"  input     {_quoted(flip.input)}"
        yield f"  expected  {_quoted(flip.expected)}"
        if flip.base_output is not None:
            yield f"  base      {_quoted(flip.base_output)}"
        if flip.head_output is not None:
            yield f"  head      {_quoted(flip.head_output)}"


def _quoted(text: str) -> str:
    return one_line(text, FLIP_CHARACTERS) or "(empty)"
