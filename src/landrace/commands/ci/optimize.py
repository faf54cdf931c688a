"""``landrace ci optimize``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from landrace.commands.change import (
    RESULTS,
    exit_code,
    models_of,
    optimize_change,
    results_text,
    write_results,
)
from landrace.commands.ci.context import commit_options, context
from landrace.commands.ci.plan import FORK
from landrace.commands.output import emit
from landrace.commands.services import ceilings, ceilings_options
from landrace.errors import RefusedError
from landrace.gateway.catalogue import CATALOGUE, is_local
from landrace.gateway.pull import pull
from landrace.workflows.pull_request.opened import Opened, opened


@click.command("optimize")
@commit_options
@ceilings_options
@click.option(
    "--output",
    metavar="FILE",
    envvar="LANDRACE_RESULTS",
    default=RESULTS,
    show_default=True,
    help="The results file.",
)
def optimize(*, base: str | None, head: str | None, output: str, **options: Any) -> None:
    """Do the work of the plan, and write its results to one file. Commits nothing.

    The ceilings are the searches'; the comparisons keep those of `gate.budget` in base's pipelines.

    Outputs: digest (of the file), finished, unfinished. Exits with 5 or 75 if a budget or a
    provider left a cell unfinished, 2 if something must be changed first; the file has the others.
    """
    target = Path(output)
    with context(base, head) as ci, opened(ci.root, ci.base, ci.head) as change:
        if ci.is_fork and ci.event.kind != "workflow_dispatch":
            raise RefusedError(FORK)
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch_models(change)
        results = optimize_change(ci.project, change, ceilings(options), run=ci.run)
        digest = write_results(results, target)
        ci.runner.set_outputs(
            {
                "digest": digest,
                "finished": str(len(results.cells)),
                "unfinished": str(len(results.unfinished)),
            }
        )
    emit(None, results_text(results, target), "text")
    raise click.exceptions.Exit(exit_code(results))


def _fetch_models(change: Opened) -> None:
    """The embedded models that the work needs: a runner begins with none."""
    for model in {model.id for model in models_of(change)}:
        name = model.removeprefix("local/")
        if is_local(model) and name in CATALOGUE:
            pull(name)
