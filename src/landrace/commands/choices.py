"""``landrace choices``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace.commands.failures import report_failure
from landrace.commands.output import count, dry_run_option, emit, examples, format_option, note
from landrace.commands.selection import cell_options, selection
from landrace.errors import LandraceError, NotPinnedError
from landrace.runtime.choices import CHOICES_FILE
from landrace.store.project import Project, find_root
from landrace.store.registry import read_pins
from landrace.workflows.choices import find_choices, write_choices
from landrace.workflows.plan import plan
from landrace.workflows.services import past_ledger
from landrace.workflows.tasks import make_task

if TYPE_CHECKING:
    from landrace.workflows.choices import Found


@click.command(
    epilog=examples(
        "landrace choices --dry-run",
        "landrace choices --prompt support-intent --model openai/gpt-4o-mini",
    )
)
@cell_options
@dry_run_option
@format_option()
def command(*, dry_run: bool, output_format: str, **options: Any) -> None:
    """Let applications choose among variants by the query, where that has paid.

    Looks through the scores that a cell's search has left in the ledger, calls no model, and
    writes choices.json beside the pin if other variants do better than the pinned one on kinds of
    queries that can be told by their words. It is used by `prompt.choose` of the loader.
    A cell whose pin is stale, or that was not searched on this machine, is left out, and stderr
    says why; the others get theirs.
    """
    project = Project(find_root(Path.cwd()))
    pins = read_pins(project.root)
    cells = plan(project, selection(options), pins)
    pinned = [cell for cell in cells if (cell.prompt, cell.model.id) in pins]
    if not pinned:
        raise NotPinnedError("none of these cells is pinned", fix="run `landrace optimize` first")
    rows, lines, failed = [], [], list[LandraceError]()
    with past_ledger(project.root) as ledger:
        for cell in pinned:
            name = (cell.prompt, cell.model.id)
            try:
                task = make_task(project, cell, searches=False)
                found = find_choices(task, pins[name], ledger.records())
                if not dry_run:
                    write_choices(project.root, found, name)
            except LandraceError as error:
                failed.append(error)
                continue
            rows.append({"prompt": cell.prompt, "model": cell.model.id, **_data(found)})
            lines.append(f"{cell.prompt} on {cell.model.id}: {_text(found)}")
    emit(rows, "\n".join(lines), output_format)
    if not dry_run and any(row["variants"] for row in rows):
        note(f"Commit {CHOICES_FILE} beside the pin; `landrace optimize` removes it.")
    for problem in failed:
        report_failure(problem)
    if failed:
        raise click.exceptions.Exit(failed[0].exit_code)


def _data(found: Found) -> dict[str, Any]:
    variants = list(found.choices.variants) if found.choices else []
    figures = {name: value for name, value in found._asdict().items() if name != "choices"}
    return {**figures, "variants": variants}


def _text(found: Found) -> str:
    gain = (
        f"{100 * found.winner:.1f} % always, {100 * found.chosen:.1f} % chosen, "
        f"on {count(found.cases, 'case')} (95 % interval of the difference "
        f"{100 * found.low:+.1f} to {100 * found.high:+.1f})"
    )
    if found.choices is None:
        return f"choosing does not pay: {gain}"
    return f"{count(len(found.choices.variants), 'variant')} beside the pinned one: {gain}"
