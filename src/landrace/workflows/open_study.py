"""Opens a cell's study: its meter, its evaluators and its share of the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import LandraceError
from landrace.evaluation.evaluator import Evaluator
from landrace.optimizers.restored import restored
from landrace.optimizers.setting import Setting
from landrace.optimizers.study import Study
from landrace.optimizers.study_log import StudyLog
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import write_variant
from landrace.workflows.prices import require_prices
from landrace.workflows.rendering import unrendered

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.gateway.metered import Meter, MeteredGateway
    from landrace.optimizers.stages import Progress
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.pipeline import ModelConfig
    from landrace.workflows.services import Services
    from landrace.workflows.task import CellTask


class StudyTools(NamedTuple):
    """One study's own meter, and what spends through it."""

    meter: Meter
    gateway: MeteredGateway
    evaluator: Evaluator
    teacher: Evaluator | None


def open_study(
    task: CellTask,
    services: Services,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
) -> tuple[Study, StudyTools]:
    """The study of a cell, entered in the ledger, and what spends for it.

    Raises:
        ConfigError: there is a ceiling on cost, and no price of a model that may be asked.
    """
    require_prices(task, services.price)
    tools = _tools(task, services)
    study = _study(task, services, tools, on_progress)
    _leave_unfit_incumbent(task, study)
    study.log(
        "study",
        prompt=task.prompt,
        model=task.model.id,
        strategy=task.pipeline.strategy.name,
        base=study.base.digest,
        eval_set=task.fingerprints.eval_set,
        split_seed=task.fingerprints.split_seed,
    )
    return study, tools


def _tools(task: CellTask, services: Services) -> StudyTools:
    meter, gateway = services.metered(task.budget, study=task.study)

    def evaluator(model: ModelConfig) -> Evaluator:
        return Evaluator(gateway, model, task.metric, seconds_left=meter.seconds_left)

    teacher = None if task.teacher is None else evaluator(task.teacher)
    return StudyTools(meter, gateway, evaluator(task.model), teacher)


def _study(
    task: CellTask,
    services: Services,
    tools: StudyTools,
    on_progress: Callable[[Progress], None],
) -> Study:
    setting = Setting(
        program=task.program,
        description=task.config.description,
        search=task.search,
        select=task.select,
        holdout_size=len(task.holdout),
        seed=task.pipeline.seed,
        options=task.options,
        incumbent=_restored(task, task.incumbent.candidate) if task.incumbent else None,
        others=tuple(_restored(task, each) for each in _fit_others(task, services)),
        proposer=task.proposer,
        proposer_is_weak=task.proposer_is_weak,
        policy=task.policy,
        search_is_known=task.training is not None,
        judge_calls=len(task.metric.judges),
        labels=task.metric,
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


def _restored(task: CellTask, candidate: Candidate) -> Candidate:
    """What is served, with its slots again. Examples come from `search` cases alone."""
    return restored(task.program, candidate, task.search)


def _leave_unfit_incumbent(task: CellTask, study: Study) -> None:
    """Leave an incumbent behind that cannot be rendered for some holdout case.

    So does a study with one that fails on the cases that it sees, and it sees no holdout.
    """
    unfit = study.incumbent and unrendered(study.incumbent.variant, task.holdout)
    if unfit:
        study.leave_incumbent(f"it fails on the holdout: {unfit}")


def _fit_others(task: CellTask, services: Services) -> tuple[Candidate, ...]:
    """Other models' winners that can be rendered for the holdout, too; the rest is logged.

    One that wins and then cannot be looked at would take the search from what can, in every run.
    """
    log, fit = StudyLog(services.ledger, task.study), []
    for candidate in task.others:
        unfit = _unfit(task, candidate)
        if unfit:
            reason = f"it fails on the holdout: {unfit}"
            log.add("dropped", operator=candidate.operator, reason=reason)
        else:
            fit.append(candidate)
    return tuple(fit)


def _unfit(task: CellTask, candidate: Candidate) -> str:
    """Why it fails on the holdout, or nothing; what fails everywhere the study says itself."""
    try:
        variant = write_variant(task.program, candidate)
    except LandraceError:
        return ""
    return unrendered(variant, task.holdout)


def stage_calls(task: CellTask) -> dict[str, int]:
    """The most calls of each stage: what a plan prints and what a search is held to."""
    strategy = STRATEGIES[task.pipeline.strategy.name]
    # A strategy counts runs of the program, each with its score.
    runs = strategy.shares(task.options, task.sizes(), search_calls(task) // task.calls_a_case)
    return {stage: count * task.calls_a_case for stage, count in runs.items()}


def search_calls(task: CellTask) -> int:
    """The calls that the budget leaves to the search once the holdout is held back.

    A budget of tokens, money or time alone leaves four times the least: a strategy lays out its
    stages by a number of calls.
    """
    if task.budget.calls is None:
        return 4 * task.least_calls()
    return max(0, task.budget.calls - task.holdout_calls())
