"""One cell's base out of a baseline, and its head asked look by look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.gate.evidence import CaseEvidence, Evidence
from landrace.gate.guard import broken_critical
from landrace.workflows.gating.looks import can_vary
from landrace.workflows.gating.sides import HEAD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.schemas.case import Case
    from landrace.schemas.gate_report import GateSpent
    from landrace.schemas.score import Outcome
    from landrace.workflows.gating.cell_run import CellRun
    from landrace.workflows.gating.looks import Look


class BaselineRun:
    """A `Run` whose base is not asked: ``known`` has its answers by case, a list of repeats."""

    def __init__(self, run: CellRun, known: Mapping[str, Sequence[Outcome]]) -> None:
        self.match = run.match
        self._run = run
        self._known = known

    def take(self, look: Look) -> Evidence:
        """The evidence at a look. Raises like `CellRun.take`."""
        for repeat in range(look.repeats):
            self._ask(self.match.head.cases[: look.cases], repeat)
        return self.evidence(look.cases, look.repeats)

    def confirm_critical(self, evidence: Evidence) -> None:
        """Ask critical cases that seem broken as often as the policy allows."""
        policy = self.match.policy
        if not can_vary(self.match.head.model.params):
            return
        broken = {case.case.id for case in broken_critical(evidence, policy.severe_drop)}
        cases = [case for case in self.match.head.cases if case.id in broken]
        for repeat in range(policy.repeats if cases else 0):
            self._ask(cases, repeat)

    def evidence(self, cases: int, repeats: int) -> Evidence:
        """What the first ``cases`` show in their first ``repeats`` answers."""
        suite = self.match.suite
        found = tuple(
            CaseEvidence(case, self._base(case, repeats), self._head(case, repeats))
            for case in suite.cases[:cases]
        )
        return Evidence(found, suite.metric_names)

    def refusal(self) -> str:
        """An error of the calls that failed, if each of them would fail again; else nothing."""
        return self._run.refusal()

    def spent(self) -> GateSpent:
        return self._run.spent()

    def _ask(self, cases: Sequence[Case], repeat: int) -> None:
        run, match = self._run, self.match
        run.ask(match.head, match.suite.metric, cases, run.table, repeat)

    def _base(self, case: Case, repeats: int) -> tuple[Outcome, ...]:
        return tuple(self._known[case.id][:repeats])

    def _head(self, case: Case, repeats: int) -> tuple[Outcome, ...]:
        found = (self._run.table.get(HEAD, case.id, repeat) for repeat in range(repeats))
        return tuple(o for o in found if o is not None and o.score is not None)
