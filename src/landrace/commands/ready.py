"""Whether a cell can be worked on, told before its first call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.gateway import connect
from landrace.workflows.callable import check_callable
from landrace.workflows.estimate import estimate
from landrace.workflows.tasks import make_task

if TYPE_CHECKING:
    from landrace.store.project import Project
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.tasks import Ceilings


def check_ready(project: Project, cell: PlannedCell, limits: Ceilings) -> None:
    """See to it that nothing that is wrong in a file stops the third cell after an hour.

    Raises:
        LandraceError: a file is wrong, or the model, its proposer or a judge cannot be called.
    """
    task = make_task(project, cell, ceilings=limits)
    estimate(task, connect.price_of)  # renders the longest examples
    check_callable([cell.model], task.metric.judges)
    if cell.pipeline.config.proposer:
        connect.check_model(cell.pipeline.config.proposer.id)
