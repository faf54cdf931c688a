"""The comparisons of a pull request: what head serves now against what base does."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import BudgetExhaustedError, ConfigError, LandraceError, OutageError
from landrace.workflows.gating.changes import compare
from landrace.workflows.gating.drift import find_drift
from landrace.workflows.gating.gate import evaluate, report_on
from landrace.workflows.gating.sides import Matcher
from landrace.workflows.pull_request.replay import recorded
from landrace.workflows.pull_request.transfer import transfer_of
from landrace.workflows.pull_request.unfinished import name_of, unfinished
from landrace.workflows.tasks import Ceilings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.schemas.evidence import RecordedAnswer, Transfer
    from landrace.schemas.gate_report import Drift, GateReport
    from landrace.schemas.results import Unfinished
    from landrace.workflows.gating.cell_run import CellRun
    from landrace.workflows.gating.changes import Revisions
    from landrace.workflows.gating.decide import Deciding
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.pull_request.unfinished import Name
    from landrace.workflows.pull_request.watch import Watch
    from landrace.workflows.services import Services


class Compared(NamedTuple):
    """What evidence records of a comparison; nothing where there was nothing to compare."""

    looks: int = 0
    answers: tuple[RecordedAnswer, ...] = ()
    drift: Drift | None = None
    transfer: tuple[Transfer, ...] = ()


class Comparisons:
    """Asks and judges as the gate does. One that cannot be finished stops no other."""

    def __init__(self, revisions: Revisions, services: Services, watch: Watch) -> None:
        self._revisions = revisions
        self._services = services
        self._watch = watch
        self._compared: dict[Name, Compared] = {}
        self.unfinished: dict[Name, Unfinished] = {}

    def run(self, cells: Sequence[PlannedCell]) -> GateReport:
        """Compare those of the cells that base has, too."""
        wanted = {name_of(cell): cell for cell in cells if self._is_comparable(cell)}
        changes = compare(self._revisions, only=wanted)
        matcher, found = Matcher(changes), []
        for changed in changes.cells:
            try:
                found.append(matcher.match(changed))
            except LandraceError as error:
                self._give_up((changed.prompt, changed.model.id), error)
        decided = evaluate(
            found,
            self._services,
            ceilings=Ceilings(),
            on_progress=self._watch.comparing,
            stops_no_other=True,
        )
        told = [(deciding, self._note(deciding, run, wanted)) for deciding, run in decided]
        return report_on(changes, told)

    def of(self, cell: PlannedCell) -> Compared:
        return self._compared.get(name_of(cell), Compared())

    def _is_comparable(self, cell: PlannedCell) -> bool:
        """A pin of base that only a newer landrace can read must not stop the other cells."""
        try:
            self._revisions.base_tree.incumbent(cell.prompt, cell.model.id)
        except LandraceError as error:
            self._give_up(name_of(cell), error)
            return False
        return True

    def _note(
        self, deciding: Deciding, run: CellRun, wanted: Mapping[Name, PlannedCell]
    ) -> Drift | None:
        """Keep what was found, or say why it is no result; gives the drift for the report."""
        name = (run.match.cell.prompt, run.match.cell.model.id)
        ruling = deciding.ruling
        assert ruling is not None, "it was decided"
        if ruling.verdict == "NOT EVALUATED" or deciding.is_cut_short:
            error = deciding.error or _why_not_evaluated(deciding)(ruling.reason)
            self._give_up(name, error)
            return None
        try:
            drift = find_drift(run)
        except LandraceError as error:
            self._give_up(name, error)
            return None
        looks = _ask_the_rest(deciding, run)
        transfer = transfer_of(wanted[name], run)
        self._compared[name] = Compared(looks, recorded(run), drift, transfer)
        return drift

    def _give_up(self, name: Name, error: LandraceError) -> None:
        self.unfinished[name] = unfinished(name, error)


def _why_not_evaluated(deciding: Deciding) -> type[LandraceError]:
    if deciding.budget_ended:
        return BudgetExhaustedError
    return ConfigError if deciding.needs_change else OutageError


def _ask_the_rest(deciding: Deciding, run: CellRun) -> int:
    """All looks of a failed cell; how many looks are recorded then.

    How sure a claim must be to fail depends on how many others there are, and the gate may know
    of more of them later: what fails among few may be open among many, and wants another look.
    """
    looked = deciding.looked
    if deciding.ruling is not None and deciding.ruling.verdict == "FAIL" and looked:
        with suppress(LandraceError):  # what is there has decided it
            for look in deciding.looks[looked:]:
                run.confirm_critical(run.take(look))
                looked += 1
    return looked
