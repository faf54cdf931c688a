"""A gate's result for a pull request's comment or a job's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports import figures
from landrace.reports.gate import story
from landrace.reports.markdown import MOST_CHARACTERS, table
from landrace.reports.neutralise import clip, code, fence, inside_html, prose, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from landrace.schemas.gate_report import Break, Claim, FlipSample, GateCell, GateReport

SAMPLE_CHARACTERS = 500
SHORT_SAMPLE = 120  # characters that fit beside their name
CELLS_IN_TABLE = 100
NOTES_SHOWN = 20
BREAKS_SHOWN = 20
ROOM_FOR_NOTES = 10_000
ROOM_FOR_TABLE = 20_000
ROOM_FOR_CLOSING = 500
MARKS = {"PASS": "✅", "FAIL": "❌", "INCONCLUSIVE": "❔", "NOT EVALUATED": "⚪"}


def markdown(report: GateReport) -> str:
    """The report as Markdown of at most 60,000 characters; what is left out is counted."""
    parts = [
        f"## {MARKS[report.verdict]} landrace gate: {report.verdict}",
        f"Result {prose(story.headline(report), 400)}.",
        *_notes(report.notes),
    ]
    if report.cells:
        parts.append(_table(report.cells))
    closing = f"<sub>Spent: {prose(story.spent(report.spent))}.</sub>"
    room = MOST_CHARACTERS - ROOM_FOR_CLOSING - len("\n\n".join(parts))
    shown = list(first_fitting(map(details, _worst_first(report)), room))
    parts += shown
    if left_out := len(report.cells) - len(shown):
        parts.append(f"Details of {figures.plural(left_out, 'more cell')} are left out here.")
    return "\n\n".join([*parts, closing]) + "\n"


def _notes(notes: Sequence[str]) -> Iterator[str]:
    texts = [f"> Note: {prose(note)}." for note in notes[:NOTES_SHOWN]]
    shown = list(first_fitting(texts, ROOM_FOR_NOTES))
    yield from shown
    if more := len(notes) - len(shown):
        yield f"> {figures.plural(more, 'more note')} not shown."


def fitting(texts: Sequence[str], room: int) -> tuple[list[str], int]:
    """The first texts that fit, and how many do not."""
    shown = list(first_fitting(texts, room))
    return shown, len(texts) - len(shown)


def first_fitting(texts: Iterable[str], room: int) -> Iterator[str]:
    """The first texts that there is room for; none is written in vain but one."""
    for text in texts:
        room -= len(text) + 2
        if room < 0:
            return
        yield text


def _worst_first(report: GateReport) -> list[GateCell]:
    order = ["FAIL", "NOT EVALUATED", "INCONCLUSIVE", "PASS"]
    return sorted(report.cells, key=lambda cell: order.index(cell.verdict))


def _table(cells: Sequence[GateCell]) -> str:
    header = ("", "prompt", "model", "base → head", "difference", "cases", "calls")
    title, rule, *rows = table(header, map(_row, cells[:CELLS_IN_TABLE]), left=3).split("\n")
    shown = list(first_fitting(rows, ROOM_FOR_TABLE))
    more = len(cells) - len(shown)
    note = f"\n\n{figures.plural(more, 'more cell')} not shown." if more else ""
    return "\n".join([title, rule, *shown]) + (
        f"{note}\n\nPoints out of 100, head minus base on the same cases; "
        "intervals hold over all looks."
    )


def _row(cell: GateCell) -> tuple[str, ...]:
    claim = story.decisive(cell)
    return (
        f"{MARKS[cell.verdict]} {cell.verdict}",
        code(cell.prompt, 100, cell=True),
        code(cell.model, 100, cell=True),
        story.sides(claim) if claim else figures.UNKNOWN,
        story.difference(claim) if claim else figures.UNKNOWN,
        figures.count(cell.scored),
        figures.count(cell.spent.calls),
    )


def details(cell: GateCell, more: Sequence[str] = ()) -> str:
    """A cell's story, folded; ``more`` are paragraphs of Markdown that end it."""
    name = f"{inside_html(cell.prompt, 100)} on {inside_html(cell.model, 100)}"
    changed = f"; changed: {prose(', '.join(cell.changed))}" if cell.changed else ""
    parts = [
        f"Why: {prose(cell.reason)} ({story.looks(cell)}{changed}).",
        _claims(cell.claims),
        *(f"- {power}." for power in _powers(cell.claims)),
        *_broken(cell.breaks),
        *_flaky(cell),
        *(f"- Drift: {prose(line)}." for line in (story.drift(cell.drift) if cell.drift else ())),
        *(_flip(flip) for flip in cell.flips),
        *more,
    ]
    body = "\n\n".join(part for part in parts if part)
    return f"<details><summary>{cell.verdict}: {name}</summary>\n\n{body}\n\n</details>"


def _claims(claims: Sequence[Claim]) -> str:
    if not claims:
        return ""
    header = ("verdict", "metric", "severity", "base → head", "difference", "allowed", "p")
    return table(header, map(_claim, claims), left=3)


def _claim(claim: Claim) -> tuple[str, ...]:
    return (
        claim.verdict,
        prose(story.name(claim), 100),
        claim.severity,
        story.sides(claim),
        story.difference(claim),
        story.allowed(claim),
        figures.UNKNOWN if claim.p is None else figures.probability(claim.p),
    )


def _powers(claims: Sequence[Claim]) -> Iterator[str]:
    yield from dict.fromkeys(prose(power) for claim in claims if (power := story.power(claim)))


def _broken(breaks: Sequence[Break]) -> Iterator[str]:
    for found in breaks[:BREAKS_SHOWN]:
        yield f"- **Broken {found.kind}** {code(found.name, 100)}: {prose(found.reason, 200)}."
    if (more := len(breaks) - BREAKS_SHOWN) > 0:
        yield f"- {figures.count(more)} more broken."


def _flaky(cell: GateCell) -> Iterator[str]:
    if names := story.flaky(cell):
        shown, more = story.named(names)
        yield f"- Flaky: {', '.join(code(name, 60) for name in shown)}{more}."


def _said(output: str | None) -> str:
    return "" if output is None else output or "(empty)"


def _flip(flip: FlipSample) -> str:
    texts = [
        ("input", flip.input),
        ("expected", flip.expected),
        ("base", _said(flip.base_output)),
        ("head", _said(flip.head_output)),
        ("feedback", flip.feedback),
    ]
    body = "\n".join(_sample(name, text) for name, text in texts if text).strip("\n")
    return f"**{code(flip.case_id, 100)}**: {flip.base_score:.2f} → {flip.head_score:.2f}\n\n{body}"


def _sample(name: str, text: str) -> str:
    """Short text stands beside its name, if it can be quoted as it is there; else below it."""
    if len(text) <= SHORT_SAMPLE and text == " ".join(visible(text).split()):
        return f"- {name}: {code(text)}"
    return f"\n{name}:\n\n{fence(clip(visible(text), SAMPLE_CHARACTERS), 'text')}\n"
