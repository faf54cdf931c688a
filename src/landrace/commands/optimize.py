"""``landrace optimize``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from landrace.commands.change import (
    RESULTS,
    change_options,
    check_options,
    exit_code,
    named_head,
    optimize_change,
    plan_text,
    results_text,
    write_results,
)
from landrace.commands.output import dry_run_option, emit, examples, format_option, note
from landrace.commands.progress import progress
from landrace.commands.ready import check_ready
from landrace.commands.selection import cell_options, given_cells, selection
from landrace.commands.services import ceilings, ceilings_options, services
from landrace.commands.shown_work import show_cell
from landrace.gateway import connect
from landrace.reports.text import text
from landrace.store.project import Project, find_root
from landrace.store.registry import cell_path, read_pins
from landrace.workflows.optimize import optimize
from landrace.workflows.pinned_aliases import renamed, spelled_out, write_renamed
from landrace.workflows.plan import PlannedCell, plan
from landrace.workflows.pull_request.opened import opened
from landrace.workflows.pull_request.planned import planned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.pin import Pin
    from landrace.schemas.report import Report
    from landrace.workflows.pull_request.opened import Opened
    from landrace.workflows.tasks import Ceilings


@click.command(
    epilog=examples(
        "landrace optimize",
        "landrace optimize --prompt review-sentiment --model 'local/*'",
        "landrace optimize --max-calls 400 --max-cost 1.50",
        "landrace optimize --base main",
    )
)
@cell_options
@change_options
@click.option(
    "--output",
    metavar="FILE",
    help=f"With --base: where the results go.  [default: {RESULTS}]",
)
@ceilings_options
@dry_run_option
@format_option()
def command(
    *,
    base: str | None,
    head: str | None,
    output: str | None,
    dry_run: bool,
    output_format: str,
    **options: Any,
) -> None:
    """Breed the best variant of each prompt for each model, and pin it with its evidence.

    Works on the cells that `landrace plan` names. Each winner is written to registry/ as soon
    as it is found; commit that folder. Keeping what is pinned is a normal outcome. Every
    finished call is kept in .landrace/: run the same command again after an interruption,
    and nothing is paid for twice.

    With --base it works as on a pull request: only what the change touches, within what base
    allows, and compares each winner with what base serves. Nothing is written to registry/; the
    results go to a file that `landrace commit` takes. The ceilings are the searches' then; the
    comparisons keep those of `gate.budget` in base's pipelines.
    """
    only_with = {"--head": head, "--output": output}
    check_options(base, without=given_cells(options), only_with=only_with)
    project = Project(find_root(Path.cwd()))
    if base is not None:
        with opened(project.root, base, named_head(head)) as change:
            target = Path(output or project.root / RESULTS)
            _of_change(project, change, options, target, dry_run=dry_run, form=output_format)
        return
    pins = read_pins(project.root)
    cells = plan(project, selection(options), pins)
    work = [cell for cell in cells if cell.reasons]
    limits = ceilings(options)
    for cell in work:
        check_ready(project, cell, limits)
    names = list(renamed(cells, pins))
    _rename(project, names, dry_run=dry_run)
    if work and not dry_run:
        reports = _run(project, cells, limits, show=output_format == "text")
        emit([report.model_dump(mode="json") for report in reports], "", output_format)
    else:
        emit([], _idle(work), output_format)
    if (work or names) and not dry_run:
        note("Commit registry/ to keep what was found.")


def _rename(project: Project, pins: Sequence[Pin], *, dry_run: bool) -> None:
    for pin in pins:
        if not dry_run:
            write_renamed(project, pin)
        verb = "would take" if dry_run else "takes"
        note(
            f"The pin of {pin.prompt} on {pin.model.id} {verb} over the pipeline's aliases: "
            f"{spelled_out(pin.model.aliases)}."
        )


def _of_change(
    project: Project,
    change: Opened,
    options: dict[str, Any],
    target: Path,
    *,
    dry_run: bool,
    form: str,
) -> None:
    if dry_run:
        found = planned(change, connect.price_of, ceilings=ceilings(options))
        emit(found.model_dump(mode="json"), plan_text(found), form)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    results = optimize_change(project, change, ceilings(options), run=f"by hand {uuid4()}")
    write_results(results, target)
    emit(results.model_dump(mode="json"), results_text(results, target), form)
    raise click.exceptions.Exit(exit_code(results))


def _run(
    project: Project, cells: Sequence[PlannedCell], limits: Ceilings, *, show: bool
) -> list[Report]:
    reports = []
    models = [cell.model for cell in cells]
    with services(project, models) as given, progress() as shown:
        show_progress = partial(show_cell, shown)
        for report in optimize(project, cells, given, ceilings=limits, on_progress=show_progress):
            reports.append(report)
            if show:
                file = f"{cell_path(report.prompt, report.model)}/report.md"
                emit(None, f"{text(report)}\n{file}", "text")
    return reports


def _idle(work: Sequence[PlannedCell]) -> str:
    if not work:
        return "Nothing to optimize: the evidence of every cell is fresh."
    names = "\n".join(f"  {cell.prompt} on {cell.model.id}" for cell in work)
    return f"Would optimize:\n{names}\n`landrace plan` shows why and at what cost."
