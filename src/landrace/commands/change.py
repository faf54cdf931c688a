"""What commands about a change share: ``--base`` and ``--head``, plans, optimizing, results."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from landrace.commands.output import count, note, table
from landrace.commands.progress import progress
from landrace.commands.services import services
from landrace.commands.shown_work import show_cell, show_look
from landrace.digest import sha256
from landrace.errors import ConfigError, LandraceError
from landrace.gateway import connect
from landrace.reports.figures import dollars
from landrace.store.atomic import json_text, storage_error, write_text
from landrace.workflows.pull_request.accept import read_results
from landrace.workflows.pull_request.called import called
from landrace.workflows.pull_request.carry_out import carry_out
from landrace.workflows.pull_request.fitting import MOST_RESULT_BYTES
from landrace.workflows.pull_request.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from landrace.schemas.pipeline import ModelConfig
    from landrace.schemas.pull_request import Plan, PlannedWork
    from landrace.schemas.results import Results
    from landrace.store.project import Project
    from landrace.workflows.pull_request.called import Called
    from landrace.workflows.pull_request.opened import Opened
    from landrace.workflows.tasks import Ceilings

Command = TypeVar("Command", bound="Callable[..., Any]")

RESULTS = ".landrace/results.json"
_HEADER = ("prompt", "model", "what", "calls ≤", "cost ≤", "why")


def change_options(command: Command) -> Command:
    """``--base`` and ``--head``; without the first a command is about the work tree alone."""
    for option in (
        click.option(
            "--head", metavar="REF", help="With --base: what has changed.  [default: HEAD]"
        ),
        click.option(
            "--base", metavar="REF", help="Work as on a pull request: this branch has the say."
        ),
    ):
        command = option(command)
    return command


def check_options(
    base: str | None, *, without: Mapping[str, object], only_with: Mapping[str, object]
) -> None:
    """Options that say nothing beside ``--base``, or nothing without it, are a usage error.

    They are given as they stand on the command line, with their values.
    """
    if base is not None:
        given = next((option for option, value in without.items() if value), None)
        if given:
            raise click.UsageError(f"{given} has no meaning with --base: the change decides.")
    else:
        # An empty text, as of a variable that is not set, is given all the same.
        given = next((option for option, value in only_with.items() if value is not None), None)
        if given:
            raise click.UsageError(f"{given} has a meaning with --base alone.")


def named_head(head: str | None) -> str:
    """What ``--head`` names; an empty text is no commit, and not the default."""
    return "HEAD" if head is None else head


def plan_text(plan: Plan) -> str:
    """A plan for a terminal."""
    lines = [f"{note}." for note in plan.notes]
    if not plan.work:
        return "\n".join([*lines, f"Nothing to do: {count(plan.cells, 'cell')} in order."])
    calls = sum(work.calls or 0 for work in plan.work)
    summary = f"{count(len(plan.work), 'cell')} to do with at most {calls:,} calls"
    fresh = plan.cells - len(plan.work)
    more = f"; {fresh} in order" if fresh else ""
    return "\n".join([*lines, table(map(_row, plan.work), _HEADER), "", f"{summary}{more}."])


def _row(work: PlannedWork) -> tuple[str, ...]:
    return (
        work.prompt,
        work.model,
        work.kind,
        "unknown" if work.calls is None else f"{work.calls:,}",
        dollars(work.cost_usd),
        "; ".join(work.reasons),
    )


def optimize_change(project: Project, change: Opened, ceilings: Ceilings, *, run: str) -> Results:
    """Carry out the work of a change, with its progress on stderr. Raises like `carry_out`."""
    everybody = called_by(change)
    _tell_of_untried(everybody)
    with services(project, _paced(everybody)) as given, progress() as shown:
        watch = Watch(partial(show_cell, shown), partial(show_look, shown))
        return carry_out(change, given, run=run, ceilings=ceilings, watch=watch)


def called_by(change: Opened) -> list[Called]:
    """Whom the work of a change asks, cell by cell. Raises like `called`."""
    return [called(change.check, work) for work in change.scope.work]


def _paced(everybody: Iterable[Called]) -> Iterator[ModelConfig]:
    """Those of whom a pipeline says how many calls they take at once."""
    for one in everybody:
        yield from (*one.models, *one.tried)


def _tell_of_untried(everybody: Iterable[Called]) -> None:
    """A winner that is not tried on a model only lacks a row of a table: it must not be missed."""
    for model in {model.id: model for one in everybody for model in one.tried}.values():
        try:
            connect.check_model(model.id, model.params)
        except LandraceError as error:
            note(f"No other model's winner is tried on {model.id}: {error.problem}.")


def write_results(results: Results, target: Path) -> str:
    """Write a results file; gives its SHA-256."""
    text = json_text(results.model_dump(mode="json"))
    write_text(target, text)
    return sha256(text.encode())


def load_results(path: Path, digest: str | None) -> Results:
    """The results in a file; with a digest, only in just that file.

    Raises:
        ConfigError: it cannot be read.
        RefusedError: it is another file, or too large.
        FormatError: it is no results file.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_RESULT_BYTES + 1)
    except FileNotFoundError as error:
        fix = "`landrace optimize --base REF` writes one"
        raise ConfigError("there is no such results file", where=str(path), fix=fix) from error
    except OSError as error:
        raise storage_error("read", path, error) from error
    return read_results(data, digest or sha256(data), where=str(path))


def results_text(results: Results, target: Path) -> str:
    """What became of the work, for a terminal."""
    lines = [
        f"not finished: {one.prompt} on {one.model}: {one.reason}" for one in results.unfinished
    ]
    if not results.cells and not lines:
        return "Nothing to do."
    done = count(len(results.cells), "cell")
    return "\n".join([*lines, f"{done} done; {target} has the results."])


def exit_code(results: Results) -> int:
    """0 if all is finished, else the worst reason's: an outage outweighs a spent budget, and
    that something which the next run meets again.
    """
    return max((one.exit_code for one in results.unfinished), default=0)
