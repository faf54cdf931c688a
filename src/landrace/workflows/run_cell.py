"""Runs one cell: a study, the choice of its winner, the one look at the holdout, the records.

A pure function of its task but for the gateway and the ledger, so that an engine for many
machines can be put under `landrace.workflows.optimize` without touching a strategy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import (
    BudgetExhaustedError,
    CallsRefusedError,
    LandraceError,
    OutageError,
)
from landrace.evaluation.scorer import Scorer
from landrace.optimizers.allocation.screening import has_headroom
from landrace.optimizers.shown_cases import ShownCases
from landrace.optimizers.table import STRATEGIES
from landrace.reports.figures import plural
from landrace.workflows.ceiling import early_end, kind_of, unmeasured
from landrace.workflows.conclude import Decision, decide
from landrace.workflows.missing import lost_before, raise_if_another_run_helps
from landrace.workflows.open_study import open_study
from landrace.workflows.record import Shortlist, compare_with, make_report
from landrace.workflows.rendering import unrendered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.ledger import Ledger
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.stages import Progress
    from landrace.optimizers.study import Study
    from landrace.schemas.report import Report
    from landrace.workflows.missing import End
    from landrace.workflows.services import Services
    from landrace.workflows.task import CellTask


class CellResult(NamedTuple):
    """The variant to be pinned with the report that says why."""

    task: CellTask
    served: Entry
    report: Report


def run_cell(
    task: CellTask,
    services: Services,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
) -> CellResult:
    """Optimize one cell.

    Raises:
        OutageError: too many calls failed, be it of the search or of the look at the holdout.
        CallsRefusedError: the base is refused on every case, or most calls are.
        BudgetExhaustedError: the budget ended before it was known what there is to beat.
        ModelError: the model cannot be called.
        ConfigError: there is a ceiling on cost, and no price of a model that may be asked.
    """
    study, tools = open_study(task, services, on_progress)
    tools.meter.hold_back(task.holdout_calls())
    STRATEGIES[task.pipeline.strategy.name].optimize(study)
    shortlist = _shortlist(task, study, _chosen(task, study))
    study.log("shortlist", digests=[entry.digest for entry in shortlist.entries()])
    tools.meter.hold_back(0)
    scorer = Scorer(
        tools.evaluator,
        tools.gateway,
        study.table,
        on_outcome=lambda: study.show_progress("holdout"),
    )
    decision, looked = _look(task, study, shortlist, scorer, services.ledger)
    report = make_report(task, study, tools.meter, shortlist, decision, looked=looked)
    study.log("decision", promoted=decision.promoted, reason=decision.reason)
    services.ledger.sync()
    served = shortlist.winner if decision.promoted else shortlist.rival
    return CellResult(task, served, report)


def _chosen(task: CellTask, study: Study) -> Entry:
    """The winner, where it can be compared: a pin has scores of the base and of the rival, too."""
    winner = study.best()
    unscored = [
        entry
        for entry in (study.base, study.rival)
        if study.table.mean(entry.digest, study.select) is None
    ]
    if winner is None or unscored:
        raise _incomparable(task, study, unscored)
    if error := unmeasured(task, study):
        raise error
    return winner


def _incomparable(task: CellTask, study: Study, unscored: Sequence[Entry]) -> LandraceError:
    cell = task.cell
    for entry in unscored:
        failure = study.table.failure(entry.digest)
        if failure is None:
            continue
        kind = kind_of(study, entry)
        problem = f"no call of the {kind} of {cell} was answered, the first failed with: "
        problem += failure.error
        if failure.is_final:
            return CallsRefusedError(problem, fix="mend what it says; nothing is lost")
        return OutageError(problem, fix="run the same command again; nothing is lost")
    return unmeasured(task, study) or BudgetExhaustedError(
        f"the budget of {cell} ended before anything was scored that can be compared",
        fix="raise `budget` in the pipeline; `landrace plan` prints what a search needs",
    )


def _shortlist(task: CellTask, study: Study, winner: Entry) -> Shortlist:
    """What is compared, and on which cases: those of the holdout that none of it shows.

    No search sees the holdout, but once the splits are drawn anew, what is pinned for this model
    or another may have as examples what was a search case before.
    """
    entries = [study.base, study.rival, winner]
    unshown = ShownCases(task.holdout).unshown(task.holdout, *entries)
    return Shortlist(study.base, study.incumbent, winner, tuple(unshown))


def _look(
    task: CellTask, study: Study, shortlist: Shortlist, scorer: Scorer, ledger: Ledger
) -> tuple[Decision, bool]:
    """Score the shortlist on the holdout, unless there is nothing to claim."""
    if shortlist.winner is shortlist.rival:
        return Decision(promoted=False, reason=_why_kept(task, study, shortlist)), False
    unfit = unrendered(shortlist.winner.variant, task.holdout)
    if unfit:
        return Decision(promoted=False, reason=f"the winner fails on the holdout: {unfit}"), False
    if not shortlist.holdout:
        return Decision(promoted=False, reason="what is compared shows every holdout case"), False
    end = _fill(task, shortlist, scorer, ledger)
    digests = [entry.digest for entry in shortlist.entries()]
    answered = study.table.shared(digests, shortlist.holdout)
    coverage = len(answered) / len(shortlist.holdout)
    if coverage < task.policy.min_coverage:
        raise_if_another_run_helps(task, study, ledger, shortlist, end)
        if isinstance(end, BudgetExhaustedError):
            reason = f"the budget ended with {coverage:.0%} of the holdout answered: {end.problem}"
            return Decision(promoted=False, reason=reason), True
    comparison = compare_with(shortlist.rival, task, study, shortlist)
    if comparison is None:
        return Decision(promoted=False, reason="no holdout call was answered"), True
    saving = _saving(study, shortlist)
    decision = decide(comparison, saving, task.policy, coverage=coverage)
    return _told(decision, len(task.holdout) - len(shortlist.holdout)), True


def _told(decision: Decision, left_out: int) -> Decision:
    if not left_out:
        return decision
    cases = plural(left_out, "holdout case")
    reason = f"{decision.reason}, without {cases} that one of the compared prompts shows"
    return decision._replace(reason=reason)


def _fill(task: CellTask, shortlist: Shortlist, scorer: Scorer, ledger: Ledger) -> End:
    """Score the shortlist; what cut it short, if anything did.

    Cases that an earlier run lost come last. Where they fail each time, one after the other, that
    looks like an outage, which must not hide what is answered.
    """
    shaky = {run.case for run in lost_before(ledger, task.study)}
    variants = [entry.variant for entry in shortlist.entries()]
    try:
        scorer.fill(variants, [case for case in shortlist.holdout if case.id not in shaky])
        scorer.fill(variants, [case for case in shortlist.holdout if case.id in shaky])
    except (BudgetExhaustedError, OutageError) as error:
        # What is held back is for one call each; the other try of a failed one may not fit.
        return error
    return None


def _why_kept(task: CellTask, study: Study, shortlist: Shortlist) -> str:
    mean = study.table.mean(shortlist.winner.digest, study.select)
    kind = "pinned variant" if shortlist.incumbent else "base prompt"
    ended = early_end(task, study)
    if mean is not None and len(study.stages) == 1 and not (ended and has_headroom(study)):
        # A search for fewer tokens, say, may end there for another reason.
        what = "no headroom" if not has_headroom(study) else "the search ended with its probe"
        return f"{what}: the {kind} scores {100 * mean:.1f} % on select"
    within = "" if study.setting.policy.max_growth is None else " within the policy's `max_growth`"
    if ended:
        what = f"{ended}, and until then no candidate{within} had proved better than the {kind}"
    elif not study.has_candidates():
        what = "there was no candidate: nothing of the template can be varied, or all was dropped"
    else:
        what = f"no candidate{within} proved better than the {kind}"
    return f"{what}; the holdout was not looked at"


def _saving(study: Study, shortlist: Shortlist) -> float:
    """The share of the prompt tokens that the winner saves, on holdout cases that both have."""
    digests = [shortlist.winner.digest, shortlist.rival.digest]
    shared = study.table.shared(digests, shortlist.holdout)
    ours, theirs = (study.table.prompt_tokens(digest, shared) for digest in digests)
    return 1 - ours / theirs if theirs else 0.0
