"""``landrace plan``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace.commands.change import change_options, check_options, named_head, plan_text
from landrace.commands.output import emit, examples, format_option, table
from landrace.commands.selection import cell_options, given_cells, selection
from landrace.commands.services import ceilings, ceilings_options
from landrace.gateway import connect
from landrace.store.project import Project, find_root
from landrace.store.registry import read_pins
from landrace.workflows.estimate import CostCeiling, estimate
from landrace.workflows.pinned_aliases import renamed, spelled_out
from landrace.workflows.plan import PlannedCell, plan
from landrace.workflows.pull_request.opened import opened
from landrace.workflows.pull_request.planned import planned
from landrace.workflows.tasks import make_task, winners_of_others

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.pin import Pin
    from landrace.workflows.tasks import Ceilings

_HEADER = ("prompt", "model", "pipeline", "calls ≤", "tokens ≤", "cost ≤", "why")

Row = tuple[PlannedCell, CostCeiling | None]


@click.command(
    epilog=examples(
        "landrace plan",
        "landrace plan --prompt review-sentiment --model 'local/*'",
        "landrace plan --max-cost 2.50 --format json",
        "landrace plan --base main",
    )
)
@cell_options
@change_options
@ceilings_options
@format_option()
def command(*, base: str | None, head: str | None, output_format: str, **options: Any) -> None:
    """Show which cells need work, why, and what that costs at most.

    A cell is a prompt on a model. Nothing is called. The numbers are upper bounds out of the
    code that spends: `landrace optimize` with the same options never passes them.

    With --base it lists what a pull request would leave to be done: the cells that the change
    touches, within what base allows, that lack evidence. The ceilings are the searches' then; the
    numbers count the comparisons as well, which `gate.budget` in base's pipelines bounds.
    """
    check_options(base, without=given_cells(options), only_with={"--head": head})
    project = Project(find_root(Path.cwd()))
    if base is not None:
        with opened(project.root, base, named_head(head)) as change:
            found = planned(change, connect.price_of, ceilings=ceilings(options))
        emit(found.model_dump(mode="json"), plan_text(found), output_format)
        return
    pins = read_pins(project.root)
    cells = plan(project, selection(options), pins)
    limits = ceilings(options)
    rows: list[Row] = [
        (cell, _ceiling(project, cell, cells, limits) if cell.reasons else None) for cell in cells
    ]
    text = "\n".join([_text(rows), *_renamed(renamed(cells, pins))])
    emit([_data(row) for row in rows], text, output_format)


def _ceiling(
    project: Project, cell: PlannedCell, cells: Sequence[PlannedCell], limits: Ceilings
) -> CostCeiling:
    """The most that the cell takes; winners of its prompt on other models are tried, too."""
    same = [other for other in cells if other.prompt == cell.prompt]
    others = winners_of_others(project, same, {})
    task = make_task(project, cell, ceilings=limits, others=others)
    return estimate(task, connect.price_of)


def _text(rows: Sequence[Row]) -> str:
    work = [(cell, cost) for cell, cost in rows if cost is not None]
    fresh = len(rows) - len(work)
    unchanged = f"{fresh} unchanged" if fresh else ""
    if not work:
        return "\n".join([f"Nothing to do: {unchanged}.", *_training(rows)])
    lines = [table([_row(cell, cost) for cell, cost in work], _HEADER), ""]
    total = sum(cost.calls for _, cost in work)
    summary = f"{len(work)} to optimize with at most {total:,} calls"
    return "\n".join(
        [*lines, "; ".join(filter(None, [summary, unchanged])) + ".", *_training(rows)]
    )


def _renamed(pins: Iterable[Pin]) -> list[str]:
    return [
        f"{pin.prompt} on {pin.model.id}: without a search, the pin would take over the "
        f"pipeline's aliases: {spelled_out(pin.model.aliases)}."
        for pin in pins
    ]


def _training(rows: Sequence[Row]) -> list[str]:
    """What `landrace train` would run, a line for each pipeline that has a command."""
    commands = {
        cell.pipeline.name: shlex.join(cell.pipeline.config.training.command)
        for cell, _ in rows
        if cell.pipeline.config.training
    }
    return [f"{name}: `landrace train` runs `{command}`." for name, command in commands.items()]


def _row(cell: PlannedCell, cost: CostCeiling) -> tuple[str, ...]:
    return (
        cell.prompt,
        cell.model.id,
        cell.pipeline.name,
        f"{cost.calls:,}",
        f"{cost.tokens:,}",
        "unknown" if cost.cost_usd is None else f"${cost.cost_usd:,.2f}",
        "; ".join(cell.reasons),
    )


def _data(row: Row) -> dict[str, Any]:
    cell, cost = row
    training = cell.pipeline.config.training
    return {
        "prompt": cell.prompt,
        "model": cell.model.id,
        "pipeline": cell.pipeline.name,
        "reasons": list(cell.reasons),
        "at_most": cost._asdict() if cost else None,
        "training": list(training.command) if training else None,
    }
