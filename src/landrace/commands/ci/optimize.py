"""``landrace ci optimize``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from landrace.commands.change import (
    RESULTS,
    called_by,
    exit_code,
    optimize_change,
    results_text,
    write_results,
)
from landrace.commands.ci.context import Context, commit_options, context
from landrace.commands.ci.plan import why_not
from landrace.commands.output import emit, note
from landrace.commands.services import ceilings, ceilings_options
from landrace.errors import ModelError, RefusedError
from landrace.gateway.catalogue import CATALOGUE, is_local
from landrace.gateway.pull import pull
from landrace.workflows.pull_request.called import model_ids
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
    Before the first call with 3 if the pull request is closed, 4 if it has another head by now.
    """
    target = Path(output)
    with context(base, head) as ci, opened(ci.root, ci.base, ci.head) as change:
        _check_wanted(ci)
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


def _check_wanted(ci: Context) -> None:
    """Spend nothing that would be thrown away: a job can be repeated with a plan of days ago.

    Raises:
        RefusedError: the pull request is closed, or the plan of such a run would do nothing.
        EvidenceError: its head is another one by now.
    """
    if reason := why_not(ci):
        raise RefusedError(reason)
    ci.check_open()
    ci.check_newest()


def _fetch_models(change: Opened) -> None:
    """The embedded models that the work needs, judges too: a runner begins with none.

    One that cannot be had is told; the cells that need it are left, and the others done.
    """
    for model in sorted(model_ids(called_by(change))):
        name = model.removeprefix("local/")
        if is_local(model) and name in CATALOGUE:
            try:
                pull(name)
            except ModelError as error:
                note(f"{model} was not fetched: {error.problem}.")
