"""How one model's winner does on the others: a row of the transfer matrix.

The cases are those of the comparison, so that rows can be read against its scores. It is asked
for by the pipeline's `transfer`, paid out of the gate's budget, and decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.evaluation.table import ScoreTable
from landrace.schemas.evidence import Transfer
from landrace.workflows.gating.sides import HEAD
from landrace.workflows.plan import resolved

if TYPE_CHECKING:
    from landrace.schemas.pipeline import ModelConfig
    from landrace.schemas.prompt import PromptConfig
    from landrace.workflows.gating.cell_run import CellRun
    from landrace.workflows.plan import PlannedCell


def transfer_of(cell: PlannedCell, run: CellRun) -> tuple[Transfer, ...]:
    """The means of head's variant on the pipeline's other models, of those that answered."""
    others = models_to_try(cell, run.match.head.source.config)
    found = (_on(run, model) for model in others)
    return tuple(row for row in found if row is not None)


def models_to_try(cell: PlannedCell, head: PromptConfig) -> list[ModelConfig]:
    """The pipeline's other models as head's prompt has them called; none without `transfer`."""
    config = cell.pipeline.config
    others = [model for model in config.models if model.id != cell.model.id]
    return [resolved(model, head) for model in others] if config.transfer else []


def _on(run: CellRun, model: ModelConfig) -> Transfer | None:
    head, table = run.match.head._replace(model=model), ScoreTable()
    try:
        run.ask(head, run.match.suite.metric, head.cases, table)
    except LandraceError:  # it decides nothing, so it stops nothing
        return None
    mean = table.mean(HEAD, head.cases)
    if mean is None:
        return None
    cases = len(table.shared([HEAD], head.cases))
    return Transfer(model=model.id, score=round(mean, 6), cases=cases)
