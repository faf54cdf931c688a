"""Runs the cells that a plan names, and writes each pin as soon as it is found."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from landrace.optimizers.variants import as_written
from landrace.store.registry import write_cell
from landrace.workflows.pinning import cell_files
from landrace.workflows.run_cell import run_cell
from landrace.workflows.strategy_options import options_of
from landrace.workflows.tasks import Ceilings, make_task, winners_of_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from landrace.optimizers.stages import Progress
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.report import Report
    from landrace.store.project import Project
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.run_cell import CellResult
    from landrace.workflows.services import Services
    from landrace.workflows.task import CellTask
    from landrace.workflows.tasks import PinnedOn

    OnProgress = Callable[[PlannedCell, Progress], None]
    # Like `map`: hand in Ray's or another engine's to run cells elsewhere. One that does not
    # keep the order only loses the warm start from the same run's other models.
    Mapper = Callable[[Callable[[CellTask], CellResult], Iterable[CellTask]], Iterator[CellResult]]


def optimize(
    project: Project,
    cells: Sequence[PlannedCell],
    services: Services,
    *,
    ceilings: Ceilings = Ceilings(),  # noqa: B008 - frozen, so sharing it is safe
    incumbents: PinnedOn | None = None,
    on_progress: OnProgress = lambda _cell, _progress: None,
    mapper: Mapper = map,
) -> Iterator[Report]:
    """Optimize the cells that need it, in order; yields each report once its pin is written.

    What was finished stays, whatever happens to a later cell. ``incumbents`` as in `make_task`.

    Raises:
        OutageError: a model does not answer; its cell is untouched.
        ModelError: a model cannot be called at all.
        BudgetExhaustedError: a budget ended before base and incumbent were scored.
    """
    work = [cell for cell in cells if cell.reasons]
    by_prompt: dict[str, list[PlannedCell]] = defaultdict(list)
    for cell in cells:
        by_prompt[cell.prompt].append(cell)
    fresh: dict[tuple[str, str], Candidate] = {}
    planned = {(cell.prompt, cell.model.id): cell for cell in work}

    def run(task: CellTask) -> CellResult:
        cell = planned[task.prompt, task.model.id]
        with options_of(cell.pipeline):
            return run_cell(task, services, lambda progress: on_progress(cell, progress))

    def tasks() -> Iterator[CellTask]:
        for cell in work:
            others = winners_of_others(project, by_prompt[cell.prompt], fresh, incumbents)
            yield make_task(project, cell, ceilings=ceilings, others=others, incumbents=incumbents)

    for result in mapper(run, tasks()):
        task = result.task
        files = {name: text.encode() for name, text in cell_files(result).items()}
        write_cell(project.root, task.prompt, task.model.id, files)
        served = result.served.variant
        fresh[task.prompt, task.model.id] = as_written(
            served.program.graph, served.files, f"winner of {task.model.id}"
        )
        yield result.report
