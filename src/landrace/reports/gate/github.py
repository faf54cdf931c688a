"""A gate's result as GitHub's workflow commands, at the changed line of each template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports import figures
from landrace.reports.gate import story
from landrace.reports.neutralise import one_line

if TYPE_CHECKING:
    from landrace.schemas.gate_report import Claim, GateCell, GateReport

# A step shows ten of each kind, and drops the others without a word.
MOST_OF_A_KIND = 10


def github(report: GateReport) -> str:
    """A command a line: errors for failures, warnings for what could not be told, notices."""
    failed = [cell for cell in report.cells if cell.verdict == "FAIL"]
    untold = [cell for cell in report.cells if cell.verdict in {"INCONCLUSIVE", "NOT EVALUATED"}]
    notices = [_command("notice", {"title": "landrace gate"}, story.headline(report))]
    notices += [_command("notice", {}, note) for note in report.notes]
    lines = [
        *_most("error", [_of_cell("error", cell) for cell in failed], "cell"),
        *_most("warning", [_of_cell("warning", cell) for cell in untold], "cell"),
        *_most("notice", notices, "note"),
    ]
    return "\n".join(lines) + "\n"


def _most(kind: str, commands: list[str], noun: str) -> list[str]:
    """As many as are shown, the last of them about the others."""
    if len(commands) <= MOST_OF_A_KIND:
        return commands
    shown = commands[: MOST_OF_A_KIND - 1]
    rest = figures.plural(len(commands) - len(shown), f"more {noun}")
    return [*shown, _command(kind, {}, f"{rest} not shown here")]


def _of_cell(kind: str, cell: GateCell) -> str:
    place = {"file": cell.head.file, "line": str(cell.line)} if cell.head else {}
    title = f"{cell.verdict}: {cell.prompt} on {cell.model}"
    claim = story.decisive(cell)
    return _command(kind, {**place, "title": title}, f"{cell.reason}{_numbers(claim)}")


def _numbers(claim: Claim | None) -> str:
    if claim is None or claim.difference is None:
        return ""
    power = f". {story.power(claim)}" if story.power(claim) else ""
    return f" ({story.sides(claim)}, {story.difference(claim)}){power}"


def _command(kind: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{kind}{' ' if listed else ''}{listed}::{_data(message)}"


def _data(value: str) -> str:
    return one_line(value, 1000).replace("%", "%25")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
