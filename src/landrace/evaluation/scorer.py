"""Fills a score table within a budget, so that the result does not depend on timing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import CallsRefusedError, OutageError
from landrace.evaluation.evaluator import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.evaluation.evaluator import Evaluator
    from landrace.evaluation.table import ScoreTable
    from landrace.evaluation.variant import Variant
    from landrace.gateway.metered import MeteredGateway
    from landrace.schemas.case import Case

# Below this share of answered calls nothing can be said about any prompt.
OUTAGE_COVERAGE = 0.5
OUTAGE_CALLS = 8


class Scorer:
    """Runs the jobs that a score table lacks."""

    def __init__(
        self,
        evaluator: Evaluator,
        gateway: MeteredGateway,
        table: ScoreTable,
        *,
        on_outcome: Callable[[], None] = lambda: None,
    ) -> None:
        self._evaluator = evaluator
        self._gateway = gateway
        self._table = table
        self._on_outcome = on_outcome
        self._tried: set[str] = set()  # the digests of variants that were asked

    def fill(self, variants: Sequence[Variant], cases: Sequence[Case], *, repeat: int = 0) -> None:
        """Score these variants on these cases; what failed for a time gets one more try at the end.

        ``repeat`` tells apart several answers to one case. What was refused for good stays
        missing and is not asked again, now or when it is wanted another time: that would tell
        nothing new, and a try that the budget has no room for would end a stage.

        Jobs are begun in waves of which every one surely fits the budget: what is scored
        before it ends is the same for any order in which calls come back. A wave ends with the
        first job of a variant whose own parameters nobody has tried: a refusal is paid once.

        Raises:
            BudgetExhaustedError: not all of it could be paid.
            CallsRefusedError: too many calls fail to go on, and would fail again.
            OutageError: too many calls fail to go on.
        """
        table = self._table
        jobs = [Job(variant, case, repeat) for variant in variants for case in cases]
        wanted = [job for job in jobs if not table.is_settled(*_cell(job))]
        self._run(wanted)
        missing = [job for job in wanted if not table.has_score(*_cell(job))]
        if any(not table.unfit(job.variant.digest) for job in missing):
            self._stop_in_an_outage()
            self._run([job for job in wanted if not table.is_settled(*_cell(job))])
            self._stop_in_an_outage()

    def _run(self, jobs: Sequence[Job]) -> None:
        left = list(jobs)
        while left:
            wave = self._up_to_a_trial(left)
            foreseen = [self._evaluator.foreseen(job) for job in wave]
            count = self._gateway.fitting(foreseen)
            if count == 0:
                self._stop_in_an_outage()  # what failed has used up the budget
                raise self._gateway.exhausted_by(foreseen[0])
            for outcome in self._evaluator.outcomes(wave[:count]):
                self._table.add(outcome)
                self._on_outcome()
            self._tried.update(job.variant.digest for job in wave[:count])
            left = [job for job in left[count:] if not self._table.unfit(job.variant.digest)]

    def _up_to_a_trial(self, jobs: Sequence[Job]) -> Sequence[Job]:
        """The first of the jobs, no two of them of a variant that the model may not take at all.

        How many are asked in vain depends on neither timing nor concurrency then.
        """
        for count, job in enumerate(jobs, 1):
            if job.variant.tries_params and job.variant.digest not in self._tried:
                return jobs[:count]
        return jobs

    def _stop_in_an_outage(self) -> None:
        if len(self._table) < OUTAGE_CALLS or self._table.coverage() >= OUTAGE_COVERAGE:
            return
        problem = f"only {self._table.coverage():.0%} of the calls were answered"
        failure = self._table.failure()
        assert failure is not None
        if failure.is_final:
            raise CallsRefusedError(
                f"{problem}, and the others would fail again, the first with: {failure.error}",
                fix="mend what it says; nothing is lost",
            )
        raise OutageError(
            f"{problem}, the last failed with: {failure.last}",
            where=self._evaluator.model,
            fix="run the same command again when the provider is back; nothing is lost",
        )


def _cell(job: Job) -> tuple[str, str, int]:
    """Where the table keeps the job's outcome."""
    return job.variant.digest, job.case.id, job.repeat
