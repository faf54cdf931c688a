"""Scores one variant on a stream of cases, in memory that does not grow with the stream."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

from landrace import stats
from landrace.errors import BudgetExhaustedError, CallsRefusedError, OutageError
from landrace.evaluation.evaluator import Evaluator, Job
from landrace.evaluation.scorer import OUTAGE_CALLS, OUTAGE_COVERAGE
from landrace.metrics import table as metrics
from landrace.program.trace import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from landrace.evaluation.variant import Variant
    from landrace.gateway.metered import Meter, Spend
    from landrace.metrics.base import Metric
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import Budget, ModelConfig
    from landrace.schemas.score import Outcome
    from landrace.workflows.services import Services

WORST = 10
MOST_FAILURES = 1000
STUDY = "eval"


class Evaluation(NamedTuple):
    """What an eval found. ``ended`` says why it ended early, or is empty.

    ``parts`` has the mean of each metric, ``worst`` the ids of the lowest-scored cases.
    ``unread`` counts the answers that could not be read, ``failures`` why nodes of a program
    have no value, or one for less than all items, the most frequent first. ``unpriced`` tells
    that some call did not tell its cost, so that the money in ``spent`` is no bill.
    """

    cases: int
    scored: int
    interval: stats.Interval | None
    parts: dict[str, float]
    worst: list[tuple[float, str]]
    unread: int
    failures: list[tuple[str, int]]
    spent: Spend
    unpriced: bool
    ended: str

    @property
    def cost_usd(self) -> float | None:
        """What was paid, or None where a call did not tell its cost."""
        return None if self.unpriced else self.spent.cost_usd

    @property
    def coverage(self) -> float:
        return self.scored / self.cases if self.cases else 0.0


def evaluate(
    variant: Variant,
    cases: Iterable[Case],
    *,
    model: ModelConfig,
    metric: Metric,
    budget: Budget,
    services: Services,
    on_outcome: Callable[[Outcome, Spend], None],
    confidence: float = 0.95,
) -> Evaluation:
    """Score a variant on cases as they come; every outcome is handed on in order.

    What the ledger answers counts neither for the budget nor as spent.

    Raises:
        ConfigError: a file of the metric's own cannot be used; nothing was called.
        CallsRefusedError: too many calls fail to go on, and would fail again.
        OutageError: too many calls fail to go on.
        ModelError: the model cannot be called.
    """
    metrics.digest(metric)  # reads the files that it names, before anything is paid for
    meter, gateway = services.metered(budget, study=STUDY, pays_again=False)
    evaluator = Evaluator(gateway, model, metric, seconds_left=meter.seconds_left)
    tally = _Tally()
    weights: deque[float] = deque()  # of the jobs in flight, in order
    ended = ""
    try:
        for outcome in evaluator.outcomes(_jobs(variant, cases, weights)):
            tally.add(outcome, weights.popleft())
            on_outcome(outcome, meter.spent)
    except BudgetExhaustedError as error:
        ended = error.problem
    services.ledger.sync()
    return tally.result(meter, ended, confidence)


def _jobs(variant: Variant, cases: Iterable[Case], weights: deque[float]) -> Iterator[Job]:
    for case in cases:
        weights.append(case.weight)
        yield Job(variant, case)


class _Tally:
    def __init__(self) -> None:
        self._cases = 0
        self._may_heal = False
        self._scores = array("d")
        self._weights = array("d")
        self._parts: dict[str, float] = defaultdict(float)
        self._worst: list[tuple[float, str]] = []
        self._unread = 0
        self._failures: Counter[str] = Counter()

    def add(self, outcome: Outcome, weight: float) -> None:
        self._cases += 1
        if outcome.score is None:
            self._stop_in_an_outage(outcome)
            return
        self._unread += outcome.answer is None
        self._count_failures(outcome)
        self._scores.append(outcome.score.value)
        self._weights.append(weight)
        for name, value in outcome.score.parts.items():
            self._parts[name] += value * weight
        # A heap of the lowest scores keeps its highest in front, hence the sign.
        heapq.heappush(self._worst, (-outcome.score.value, outcome.case_id))
        if len(self._worst) > WORST:
            heapq.heappop(self._worst)

    def result(self, meter: Meter, ended: str, confidence: float) -> Evaluation:
        scored = len(self._scores)
        return Evaluation(
            cases=self._cases,
            scored=scored,
            interval=self._interval(confidence) if scored else None,
            parts={name: part / sum(self._weights) for name, part in sorted(self._parts.items())},
            worst=sorted((-value, case) for value, case in self._worst if -value < 1),
            unread=self._unread,
            failures=self._failures.most_common(WORST),
            spent=meter.spent,
            unpriced=meter.unpriced,
            ended=ended,
        )

    def _count_failures(self, outcome: Outcome) -> None:
        """Each node's failures of a run once; so many different ones are as good as all."""
        failed = {str(Failure(s.node, s.failure)) for s in outcome.trace if s.failure is not None}
        for failure in sorted(failed):
            if failure in self._failures or len(self._failures) < MOST_FAILURES:
                self._failures[failure] += 1

    def _interval(self, confidence: float) -> stats.Interval:
        return stats.mean_interval(self._scores, confidence, self._weights)

    def _stop_in_an_outage(self, outcome: Outcome) -> None:
        scored = len(self._scores)
        self._may_heal = self._may_heal or not outcome.is_refused
        if self._cases < OUTAGE_CALLS or scored >= OUTAGE_COVERAGE * self._cases:
            return
        problem = (
            f"only {scored} of {self._cases} calls were answered; the last error: {outcome.error}"
        )
        if not self._may_heal:
            raise CallsRefusedError(problem, fix="mend what it says; nothing is lost")
        raise OutageError(
            problem, fix="run the same command again when the provider is back; nothing is lost"
        )
