"""``landrace verify``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from landrace.commands.output import count, emit, examples, format_option
from landrace.reports.neutralise import one_line
from landrace.store.project import find_root
from landrace.workflows.verify import VerifiedCell, exit_code, verify

_LONGEST = 1000


@click.command(epilog=examples("landrace verify", "landrace verify review-sentiment --format json"))
@click.argument("prompts", nargs=-1, metavar="[PROMPT]...")
@click.option("--model", "models", multiple=True, metavar="ID", help="Only this one; may repeat.")
@format_option()
def command(*, prompts: tuple[str, ...], models: tuple[str, ...], output_format: str) -> None:
    """Prove that pins are unedited and their evidence fresh.

    Works without a network and calls no model. Every cell that a pipeline asks for or the
    registry holds is listed. The worst one decides the exit code: 3 if a variant is not the
    one that its pin names, 2 if something cannot be read, 4 if a pin is missing or its
    evidence is about another template, eval set, metric or pipeline than today's.
    """
    cells = verify(find_root(Path.cwd()), prompts, models)
    emit([cell._asdict() for cell in cells], _text(cells), output_format)
    raise click.exceptions.Exit(exit_code(cells))


def _text(cells: list[VerifiedCell]) -> str:
    if not cells:
        return "Nothing is pinned, and no pipeline asks for a pin."
    lines = [line for cell in cells for line in _lines(cell)]
    states = Counter(cell.status for cell in cells)
    summary = ", ".join(f"{number} {status}" for status, number in states.items())
    return "\n".join([*lines, f"{count(len(cells), 'cell')}: {summary}"])


def _lines(cell: VerifiedCell) -> list[str]:
    head = f"{cell.status}: {cell.prompt} on {cell.model}"
    # A reason may be an error, which says what to do in a line of its own.
    reasons = [line for reason in cell.reasons for line in reason.splitlines()]
    return [one_line(head), *(f"  {one_line(line, _LONGEST)}" for line in reasons)]
