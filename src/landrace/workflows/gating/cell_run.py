"""Asks one cell's two sides, look by look, within its budget."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from landrace.evaluation.evaluator import Evaluator
from landrace.evaluation.scorer import Scorer
from landrace.evaluation.table import ScoreTable
from landrace.gate.evidence import CaseEvidence, Evidence
from landrace.gate.guard import broken_critical
from landrace.schemas.gate_report import GateSpent
from landrace.workflows.gating.looks import can_vary
from landrace.workflows.gating.sides import BASE, HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.gateway.base import Completion, Gateway, Request
    from landrace.gateway.metered import Meter
    from landrace.metrics.base import Metric
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import Budget
    from landrace.schemas.score import Outcome
    from landrace.workflows.gating.looks import Look
    from landrace.workflows.gating.sides import Contestant, Match
    from landrace.workflows.services import Services

STUDY = "gate"


class CellRun:
    """One cell's meter, and the answers that it has so far."""

    def __init__(
        self,
        match: Match,
        budget: Budget,
        services: Services,
        *,
        on_outcome: Callable[[], None] = lambda: None,
    ) -> None:
        self.match = match
        self._time = _OwnTime(services.clock)
        timed = services._replace(clock=self._time)
        self.meter, self._metered = timed.metered(budget, study=STUDY, pays_again=False)
        self.table = ScoreTable()
        self._counted = _Counted(self._metered)
        self._services = services
        self._on_outcome = on_outcome

    def take(self, look: Look) -> Evidence:
        """The evidence at a look, once all of its answers are in.

        Raises:
            BudgetExhaustedError: the budget ended before.
            CallsRefusedError: too many calls fail to go on, and would fail again.
            OutageError: too many calls fail to go on.
        """
        match, metric = self.match, self.match.suite.metric
        cases = range(look.cases)
        for repeat in range(look.repeats):
            self.ask(match.base, metric, _chosen(match.base.cases, cases), self.table, repeat)
            self.ask(match.head, metric, _chosen(match.head.cases, cases), self.table, repeat)
        return self.evidence(look.cases, look.repeats)

    def confirm_critical(self, evidence: Evidence) -> None:
        """Ask critical cases that seem broken as often as the policy allows.

        Only the guard uses these answers: in a mean they would weigh on lost cases alone.
        """
        match, policy = self.match, self.match.policy
        if not can_vary(match.head.model.params):
            return
        broken = {case.case.id for case in broken_critical(evidence, policy.severe_drop)}
        positions = [n for n, case in enumerate(match.base.cases) if case.id in broken]
        for repeat in range(policy.repeats if positions else 0):
            for side in (match.base, match.head):
                cases = _chosen(side.cases, positions)
                self.ask(side, match.suite.metric, cases, self.table, repeat)

    def ask(
        self,
        side: Contestant,
        metric: Metric,
        cases: Sequence[Case],
        table: ScoreTable,
        repeat: int = 0,
    ) -> None:
        """Fill a table with one side's scores. Raises like `take`."""
        evaluator = Evaluator(
            self._counted, side.model, metric, seconds_left=self.meter.seconds_left
        )
        scorer = Scorer(evaluator, self._metered, table, on_outcome=self._on_outcome)
        with self._time.running():
            scorer.fill([side.variant], cases, repeat=repeat)
        self._services.ledger.sync()

    def evidence(self, cases: int, repeats: int) -> Evidence:
        """What the first ``cases`` show in their first ``repeats`` answers."""
        suite = self.match.suite
        found = tuple(
            CaseEvidence(
                case,
                self._scored(BASE, case.id, repeats),
                self._scored(HEAD, case.id, repeats),
            )
            for case in suite.cases[:cases]
        )
        return Evidence(found, suite.metric_names)

    def refusal(self) -> str:
        """An error of the calls that failed, if each of them would fail again; else nothing."""
        return self.table.refusal()

    def spent(self) -> GateSpent:
        """What was paid, and how many answers were known already."""
        spent = self.meter.spent
        answered = spent.calls - spent.failed
        return paid(self.meter, reused=self._counted.answers - answered)

    def _scored(self, side: str, case_id: str, repeats: int) -> tuple[Outcome, ...]:
        found = (self.table.get(side, case_id, repeat) for repeat in range(repeats))
        return tuple(o for o in found if o is not None and o.score is not None)


def paid(meter: Meter, *, reused: int = 0) -> GateSpent:
    """What a meter has counted, beside so many answers that were known already."""
    spent = meter.spent
    return GateSpent(
        calls=spent.calls,
        reused=reused,
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        cost_usd=None if meter.unpriced else round(spent.cost_usd, 6),
    )


class _OwnTime:
    """A clock that runs while its cell is asked: cells take turns, and each has its own ceiling."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._before = 0.0
        self._since: float | None = None

    def __call__(self) -> float:
        since = self._since
        return self._before if since is None else self._before + self._clock() - since

    @contextmanager
    def running(self) -> Iterator[None]:
        self._since = self._clock()
        try:
            yield
        finally:
            self._before, self._since = self(), None


class _Counted:
    """Counts the answers that pass, paid for or not."""

    def __init__(self, inner: Gateway) -> None:
        self._inner = inner
        self._answers: list[None] = []  # appending is atomic, adding to a number is not

    @property
    def answers(self) -> int:
        return len(self._answers)

    def complete(self, request: Request) -> Completion:
        completion = self._inner.complete(request)
        self._answers.append(None)
        return completion


def _chosen(cases: Sequence[Case], positions: Sequence[int]) -> list[Case]:
    return [cases[position] for position in positions]
