"""``landrace plan``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landrace.commands.output import emit, examples, format_option, table
from landrace.commands.selection import cell_options, selection
from landrace.commands.services import ceilings, ceilings_options
from landrace.gateway import connect
from landrace.store.project import Project, find_root
from landrace.store.registry import read_pins
from landrace.workflows.estimate import CostCeiling, estimate
from landrace.workflows.plan import PlannedCell, plan
from landrace.workflows.tasks import make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = ("prompt", "model", "pipeline", "calls ≤", "tokens ≤", "cost ≤", "why")

Row = tuple[PlannedCell, CostCeiling | None]


@click.command(
    epilog=examples(
        "landrace plan",
        "landrace plan --prompt review-sentiment --model 'local/*'",
        "landrace plan --max-cost 2.50 --format json",
    )
)
@cell_options
@ceilings_options
@format_option()
def command(*, output_format: str, **options: Any) -> None:
    """Show which cells need work, why, and what that costs at most.

    A cell is a prompt on a model. Nothing is called. The numbers are upper bounds out of the
    code that spends: `landrace optimize` with the same options never passes them.
    """
    project = Project(find_root(Path.cwd()))
    cells = plan(project, selection(options), read_pins(project.root))
    limits = ceilings(options)
    rows: list[Row] = []
    for cell in cells:
        task = make_task(project, cell, ceilings=limits) if cell.reasons else None
        rows.append((cell, estimate(task, connect.price_of) if task else None))
    emit([_data(row) for row in rows], _text(rows), output_format)


def _text(rows: Sequence[Row]) -> str:
    work = [(cell, cost) for cell, cost in rows if cost is not None]
    fresh = len(rows) - len(work)
    unchanged = f"{fresh} unchanged" if fresh else ""
    if not work:
        return f"Nothing to do: {unchanged}."
    total = sum(cost.calls for _, cost in work)
    summary = f"{len(work)} to optimize with at most {total:,} calls"
    lines = [table([_row(cell, cost) for cell, cost in work], _HEADER), ""]
    return "\n".join([*lines, "; ".join(filter(None, [summary, unchanged])) + "."])


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
    return {
        "prompt": cell.prompt,
        "model": cell.model.id,
        "pipeline": cell.pipeline.name,
        "reasons": list(cell.reasons),
        "at_most": cost._asdict() if cost else None,
    }
