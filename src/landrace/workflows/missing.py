"""What the look at the holdout left unanswered: for a time, or for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from landrace.errors import BudgetExhaustedError, OutageError

if TYPE_CHECKING:
    from landrace.evaluation.table import ScoreTable
    from landrace.ledger import Ledger
    from landrace.optimizers.study import Study
    from landrace.schemas.score import Outcome
    from landrace.workflows.record import Shortlist
    from landrace.workflows.task import CellTask

    # What cut a look short; None where all of it was asked.
    End: TypeAlias = BudgetExhaustedError | OutageError | None

LOST = "lost at the holdout"


class Run(NamedTuple):
    """A candidate on a case."""

    candidate: str
    case: str


def raise_if_another_run_helps(
    task: CellTask, study: Study, ledger: Ledger, shortlist: Shortlist, end: End
) -> None:
    """Raise where a later run may get the answers that are missing on the holdout.

    A decision would be pinned, and a fresh pin is not searched for again: the winner were lost to
    an hour's bad weather. But some calls fail in every run, such as one that always takes too
    long. So what failed for a time is written to the ledger, and where it fails again in another
    run of this study, it stays missing like what was refused. Where what stays missing alone
    leaves too little, another run would not help.
    """
    cases = shortlist.holdout
    runs = [Run(entry.digest, case.id) for entry in shortlist.entries() for case in cases]
    missing = [run for run in runs if not study.table.has_score(*run)]
    before = lost_before(ledger, task.study)
    staying = {
        run for run in missing if run in before or _stays_missing(study.table.get(*run), end)
    }
    passing = [run for run in missing if run not in staying]
    gone = {run.case for run in staying}
    if not passing or 1 - len(gone) / len(cases) < task.policy.min_coverage:
        return
    lost = [run for run in passing if study.table.get(*run) is not None]
    if isinstance(end, OutageError) and len(lost) < len(passing):
        raise end  # the provider was down before all was asked, which tells nothing of the cases
    study.log(LOST, runs=lost)
    ledger.sync()
    raise OutageError(
        f"{len(lost)} of {len(runs)} runs of the look at the holdout of {task.cell} failed, the "
        f"first with: {_error(study.table, lost[0])}",
        fix="run the same command again later: only what is missing is asked, and what fails "
        "then, too, is taken to be missing for good",
    )


def _stays_missing(outcome: Outcome | None, end: End) -> bool:
    """Whether another run would miss it, too, by what this run alone knows."""
    if outcome is None:  # what there was no budget for would not be asked then either
        return isinstance(end, BudgetExhaustedError)
    return outcome.is_refused


def lost_before(ledger: Ledger, study: str) -> set[Run]:
    """What failed for a time when an earlier run of the same study looked."""
    return {
        Run(*run)
        for record in ledger.records()
        if record["kind"] == LOST and record["study"] == study
        for run in record["runs"]
    }


def _error(table: ScoreTable, run: Run) -> str:
    outcome = table.get(*run)
    error = outcome.error if outcome else None
    return (error or "it failed").splitlines()[0]
