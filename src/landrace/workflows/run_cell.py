"""Runs one cell: a study, the choice of its winner, the one look at the holdout, the records.

A pure function of its task but for the gateway and the ledger, so that an engine for many
machines can be put under `landrace.workflows.optimize` without touching a strategy.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import BudgetExhaustedError, TemplateError
from landrace.evaluation.evaluator import Evaluator
from landrace.evaluation.scorer import Scorer
from landrace.gateway.cached import CachedGateway
from landrace.gateway.metered import Meter, MeteredGateway, Price
from landrace.optimizers.allocation.screening import has_headroom
from landrace.optimizers.study import Setting, Study
from landrace.optimizers.table import STRATEGIES
from landrace.workflows.conclude import Decision, decide
from landrace.workflows.record import Shortlist, compare_with, make_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.gateway.base import Gateway
    from landrace.ledger import Ledger
    from landrace.optimizers.study import Entry, Progress
    from landrace.schemas.pipeline import ModelConfig
    from landrace.schemas.report import Report
    from landrace.workflows.task import CellTask


class Services(NamedTuple):
    """What a cell needs from outside. ``price`` gives None for an unknown price;
    ``fingerprint`` what else identifies a model, such as an embedded model's file hash.
    """

    gateway: Gateway
    ledger: Ledger
    price: Callable[[str], Price | None] = lambda _model: Price(0.0, 0.0)
    fingerprint: Callable[[str], str] = lambda _model: ""
    clock: Callable[[], float] = time.monotonic


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
        OutageError: too many calls failed.
        BudgetExhaustedError: the budget ended before anything could be said.
        ModelError: the model cannot be called.
    """
    tools = _tools(task, services)
    study = _study(task, services, tools, on_progress)
    study.log(
        "study",
        prompt=task.prompt,
        model=task.model.id,
        strategy=task.pipeline.strategy.name,
        base=study.base.digest,
        eval_set=task.fingerprints.eval_set,
    )
    tools.meter.hold_back(task.holdout_calls())
    STRATEGIES[task.pipeline.strategy.name].optimize(study)
    winner = study.best()
    if winner is None:
        raise BudgetExhaustedError(
            f"the budget of {task.prompt} on {task.model.id} ended before anything was scored",
            fix="raise `budget` in the pipeline; `landrace plan` prints what a search needs",
        )
    shortlist = Shortlist(study.base, study.incumbent, winner)
    study.log("shortlist", digests=[entry.digest for entry in shortlist.entries()])
    tools.meter.hold_back(0)
    scorer = Scorer(
        tools.evaluator,
        tools.gateway,
        study.table,
        on_outcome=lambda: study.show_progress("holdout"),
    )
    decision, looked = _look(task, study, shortlist, scorer)
    report = make_report(task, study, tools.meter, shortlist, decision, looked=looked)
    study.log("decision", promoted=decision.promoted, reason=decision.reason)
    services.ledger.sync()
    served = winner if decision.promoted else shortlist.rival
    return CellResult(task, served, report)


class _Tools(NamedTuple):
    """One study's own meter, and what spends through it."""

    meter: Meter
    gateway: MeteredGateway
    evaluator: Evaluator
    teacher: Evaluator | None


def _tools(task: CellTask, services: Services) -> _Tools:
    recorder = CachedGateway(
        services.gateway, services.ledger, study=task.study, fingerprint=services.fingerprint
    )
    meter = Meter(task.budget, services.clock)
    gateway = MeteredGateway(recorder, meter, study=task.study, price=services.price)

    def evaluator(model: ModelConfig) -> Evaluator:
        return Evaluator(gateway, model, task.metric, seconds_left=meter.seconds_left)

    teacher = None if task.teacher is None else evaluator(task.teacher)
    return _Tools(meter, gateway, evaluator(task.model), teacher)


def _study(
    task: CellTask,
    services: Services,
    tools: _Tools,
    on_progress: Callable[[Progress], None],
) -> Study:
    setting = Setting(
        program=task.program,
        description=task.config.description,
        search=task.search,
        select=task.select,
        seed=task.pipeline.seed,
        options=task.options,
        incumbent=task.incumbent.candidate if task.incumbent else None,
        others=task.others,
        proposer=task.proposer,
        proposer_is_weak=task.proposer_is_weak,
        min_coverage=task.policy.min_coverage,
        margin=task.policy.margin,
    )
    return Study(
        setting,
        evaluator=tools.evaluator,
        gateway=tools.gateway,
        meter=tools.meter,
        ledger=services.ledger,
        name=task.study,
        shares=stage_calls(task),
        teacher=tools.teacher,
        on_progress=on_progress,
    )


def stage_calls(task: CellTask) -> dict[str, int]:
    """The most calls of each stage: what a plan prints and what a search is held to."""
    strategy = STRATEGIES[task.pipeline.strategy.name]
    # A strategy counts runs of the program.
    runs = strategy.shares(task.options, task.sizes(), search_calls(task) // task.calls_a_case)
    return {stage: count * task.calls_a_case for stage, count in runs.items()}


def search_calls(task: CellTask) -> int:
    """The calls that the budget leaves to the search once the holdout is held back."""
    if task.budget.calls is None:
        return 4 * task.least_calls()
    return max(0, task.budget.calls - task.holdout_calls())


def _look(
    task: CellTask, study: Study, shortlist: Shortlist, scorer: Scorer
) -> tuple[Decision, bool]:
    """Score the shortlist on the holdout, unless there is nothing to claim."""
    if shortlist.winner is shortlist.rival:
        return Decision(promoted=False, reason=_why_kept(study, shortlist)), False
    unfit = _does_not_render(task, shortlist.winner)
    if unfit:
        return Decision(promoted=False, reason=f"the winner fails on the holdout: {unfit}"), False
    try:
        scorer.fill([entry.variant for entry in shortlist.entries()], task.holdout)
    except BudgetExhaustedError as error:
        return Decision(
            promoted=False, reason=f"the budget ended before the holdout: {error.problem}"
        ), True
    comparison = compare_with(shortlist.rival, task, study, shortlist)
    if comparison is None:
        return Decision(promoted=False, reason="no holdout call was answered"), True
    digests = [entry.digest for entry in shortlist.entries()]
    coverage = len(study.table.shared(digests, task.holdout)) / len(task.holdout)
    saving = _saving(study, shortlist)
    return decide(comparison, saving, task.policy, coverage=coverage), True


def _does_not_render(task: CellTask, winner: Entry) -> str:
    """Why the winner cannot be rendered for some holdout case, or nothing; costs no call."""
    try:
        for case in task.holdout:
            winner.variant.first_messages(case.inputs)
    except TemplateError as error:
        return error.problem
    return ""


def _why_kept(study: Study, shortlist: Shortlist) -> str:
    mean = study.table.mean(shortlist.winner.digest, study.select)
    kind = "pinned variant" if shortlist.incumbent else "base prompt"
    if mean is not None and len(study.stages) == 1:
        # A search for fewer tokens, say, may end there for another reason.
        what = "no headroom" if not has_headroom(study) else "the search ended with its probe"
        return f"{what}: the {kind} scores {100 * mean:.1f} % on select"
    return f"no candidate scored better than the {kind} on select; the holdout was not looked at"


def _saving(study: Study, shortlist: Shortlist) -> float:
    ours, theirs = (
        study.table.tokens(entry.digest) for entry in (shortlist.winner, shortlist.rival)
    )
    return 1 - ours / theirs if theirs else 0.0
