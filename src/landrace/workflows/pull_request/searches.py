"""The searches of a pull request: one that cannot be finished stops no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.workflows.gating.cell_run import paid
from landrace.workflows.optimize import optimize
from landrace.workflows.pull_request.unfinished import name_of, unfinished
from landrace.workflows.tasks import make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from landrace.gateway.metered import Meter
    from landrace.schemas.gate_report import GateSpent
    from landrace.schemas.results import Unfinished
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.pull_request.standing import EvidenceCheck
    from landrace.workflows.pull_request.unfinished import Name
    from landrace.workflows.pull_request.watch import Watch
    from landrace.workflows.pull_request.work import Scope, Work
    from landrace.workflows.run_cell import CellResult
    from landrace.workflows.services import Services
    from landrace.workflows.task import CellTask
    from landrace.workflows.tasks import Ceilings


class Searches:
    """Optimizes on head's snapshot, which has the winners then, against base's incumbents.

    ``spent`` has what each search took that began, those that were not finished among them.
    """

    def __init__(
        self, check: EvidenceCheck, services: Services, ceilings: Ceilings, watch: Watch
    ) -> None:
        self._head = check.head
        self._incumbents = check.base.incumbent
        self._meters: list[Meter] = []
        self._services = services._replace(on_meter=self._meters.append)
        self._ceilings = ceilings
        self._watch = watch
        self.unfinished: dict[Name, Unfinished] = {}
        self.spent: dict[Name, GateSpent] = {}

    def run(self, scope: Scope) -> None:
        cells = [self._to_be_done(work) for work in scope.cells]
        for _report in optimize(
            self._head.project,
            [cell for cell in cells if cell is not None],
            self._services,
            ceilings=self._ceilings,
            incumbents=self._incumbents,
            on_progress=self._watch.searching,
            mapper=self._each,
        ):
            pass  # its files are in the project now

    def _to_be_done(self, work: Work) -> PlannedCell | None:
        """The cell, with reasons only if it is to be searched; None where it cannot be."""
        if work.kind != "optimize":
            return work.cell._replace(reasons=())
        try:
            make_task(
                self._head.project,
                work.cell,
                ceilings=self._ceilings,
                incumbents=self._incumbents,
                state=self._head.prompt(work.cell.prompt),
            )
        except LandraceError as error:
            self._give_up(name_of(work.cell), error)
            return None
        return work.cell

    def _each(
        self, run: Callable[[CellTask], CellResult], tasks: Iterable[CellTask]
    ) -> Iterator[CellResult]:
        for task in tasks:
            name, found = (task.prompt, task.model.id), None
            self._meters.clear()
            try:
                found = run(task)
            except LandraceError as error:
                self._give_up(name, error)
            for meter in self._meters:  # a search has one, if it began
                self.spent[name] = paid(meter)
            if found is not None:
                yield found

    def _give_up(self, name: Name, error: LandraceError) -> None:
        self.unfinished[name] = unfinished(name, error)
