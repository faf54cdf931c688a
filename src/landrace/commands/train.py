"""``landrace train``."""

from __future__ import annotations

import os
import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace.commands.output import count, dry_run_option, emit, examples, format_option, note
from landrace.commands.progress import progress
from landrace.commands.ready import check_ready
from landrace.commands.selection import cell_options, selection
from landrace.commands.services import ceilings, ceilings_options, services
from landrace.commands.shown_work import show_search
from landrace.gateway import connect
from landrace.reports.text import text
from landrace.store.project import Project, find_root
from landrace.store.registry import cell_path, read_pins
from landrace.workflows.plan import plan
from landrace.workflows.services import has_ledger, past_ledger
from landrace.workflows.train import (
    Tools,
    not_trained_here,
    refuse_in_ci,
    task_to_train,
    train,
    training_of,
)
from landrace.workflows.training_data import KINDS, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.task import CellTask
    from landrace.workflows.tasks import Ceilings
    from landrace.workflows.train import Trained


@click.command(
    epilog=examples(
        "landrace train --dry-run",
        "landrace train --prompt support-intent --model local/qwen2.5-coder-0.5b-instruct",
    )
)
@cell_options
@ceilings_options
@dry_run_option
@format_option()
def command(*, dry_run: bool, output_format: str, **options: Any) -> None:
    """Train a model by a command of yours, and search prompts for it anew.

    Has what is served answer all `search` cases, runs `training.command` of the pipeline on those
    answers and on what `landrace optimize` has paid for, reads the id of the trained model from its
    answer, searches for the best variant for that model, and pins it in a cell of its own. The
    command gets no variable that the pipeline does not name, and is never run in CI. The same rows
    are trained on once: run the same command again after an interruption. A model that came of a
    training is itself trained only if --model names it.
    """
    project = Project(find_root(Path.cwd()))
    pins, asked = read_pins(project.root), selection(options)
    cells = plan(project, asked, pins)
    if not asked.models:
        cells = not_trained_here(cells, pins)
    limits = ceilings(options)
    for cell in cells:
        training_of(cell)
    if dry_run:
        _show(project, cells, limits, output_format)
        return
    refuse_in_ci(os.environ)
    for cell in cells:
        check_ready(project, cell, limits)
        task_to_train(project, cell, limits)
    found = [
        trained for cell in cells for trained in _run(project, cell, limits, form=output_format)
    ]
    data = [{"round": each.round, **each.report.model_dump(mode="json")} for each in found]
    emit(data, "", output_format)
    note(
        "Commit registry/ to keep what was found; `models` of a pipeline lists what CI looks after."
    )


def _show(
    project: Project, cells: Sequence[PlannedCell], limits: Ceilings, output_format: str
) -> None:
    """What would be run, on what, without running it."""
    data, lines = [], []
    for cell in cells:
        training = training_of(cell)
        task = task_to_train(project, cell, limits)
        rows = _rows_so_far(project, task)
        row = {"prompt": cell.prompt, "model": cell.model.id, "command": list(training.command)}
        data.append({**row, "rounds": training.rounds, "rows": rows})
        of = ", ".join(f"{number:,} {kind}" for kind, number in rows.items())
        lines.append(
            f"Would run `{shlex.join(training.command)}` for {cell.prompt} on {cell.model.id}, "
            f"{count(training.rounds, 'round')}; rows so far: {of}. "
            f"First what is pinned and the base answer {count(len(task.search), 'search case')}."
        )
    emit(data, "\n".join(lines), output_format)


def _rows_so_far(project: Project, task: CellTask) -> dict[str, int]:
    """None where nothing was searched yet: training begins with answers of its own."""
    if not has_ledger(project.root):
        return dict.fromkeys(KINDS.values(), 0)
    with past_ledger(project.root) as ledger:
        return dict(rows_of(task, ledger).counts())


def _run(project: Project, cell: PlannedCell, limits: Ceilings, *, form: str) -> list[Trained]:
    note(f"{cell.prompt} on {cell.model.id}: {shlex.join(training_of(cell).command)}")
    found = []
    with services(project, [cell.model]) as given, progress() as shown:
        show = partial(show_search, shown, f"{cell.prompt}, trained from {cell.model.id}")
        tools = Tools(given, os.environ, connect.check_model, limits, show)
        for trained in train(project, cell, tools):
            found.append(trained)
            file = f"{cell_path(cell.prompt, trained.model)}/report.md"
            if form == "text":
                emit(None, f"{text(trained.report)}\n{file}", form)
    return found
