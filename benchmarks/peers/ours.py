"""A strategy of landrace as a contestant: the product's own study, on the counted gateway."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers.contest import Found

from landrace.evaluation.evaluator import Evaluator, Job
from landrace.gateway.cached import CachedGateway
from landrace.gateway.metered import Meter, MeteredGateway, Price
from landrace.ledger import Ledger
from landrace.optimizers.setting import Setting
from landrace.optimizers.strategy import Sizes
from landrace.optimizers.study import Study
from landrace.optimizers.table import STRATEGIES
from landrace.schemas.pipeline import Budget, ModelConfig

if TYPE_CHECKING:
    from benchmarks.peers.contest import Contest
    from benchmarks.peers.counted import CountedGateway

    from landrace.gateway.base import Completion, Request
    from landrace.optimizers.entry import Entry


def run_ours(
    contest: Contest, counted: CountedGateway, *, strategy: str | None, options: dict[str, Any]
) -> Found:
    """Search with a strategy, or not at all, and score the best on the holdout.

    The budget holds for calls of task model and proposer together, which is more than is asked.
    """
    began = time.monotonic()
    # Answers are in the contest's ledger; a study that resumed from its own would count nothing.
    with (
        tempfile.TemporaryDirectory() as scratch,
        Ledger(Path(scratch) / "ledger.jsonl") as ledger,
    ):
        study = _study(contest, counted, strategy or "mipro", options, ledger)
        if strategy:
            STRATEGIES[strategy].optimize(study)
    took = time.monotonic() - began
    winner = (study.best() if strategy else None) or study.base
    return Found(
        scores=_score(contest, counted, winner),
        settings=_settings(study, strategy),
        ended=f"finished; winner by {winner.candidate.operator}",
        search_s=took,
        messages=list(winner.variant.first_messages(contest.task.holdout[0].inputs)),
    )


def _study(
    contest: Contest,
    counted: CountedGateway,
    strategy: str,
    options: dict[str, Any],
    ledger: Ledger,
) -> Study:
    task, row = contest.task, STRATEGIES[strategy]
    chosen = row.options.model_validate(options)
    sizes = Sizes(len(task.search), len(task.select), len(task.holdout), 1)
    setting = Setting(
        program=task.program,
        description=task.config.description,
        search=task.search,
        select=task.select,
        holdout_size=len(task.holdout),
        seed=contest.seed,
        options=chosen,
        proposer=ModelConfig(id=contest.proposer),
    )
    meter = Meter(Budget(calls=contest.budget))
    gateway = MeteredGateway(
        CachedGateway(counted, ledger),
        meter,
        study="peers",
        price=lambda _model: Price(0.0, 0.0),
    )
    return Study(
        setting,
        evaluator=Evaluator(gateway, task.model(contest.task_model), task.metric),
        gateway=gateway,
        meter=meter,
        ledger=ledger,
        name="peers",
        shares=row.shares(chosen, sizes, contest.budget),
    )


def _score(contest: Contest, counted: CountedGateway, winner: Entry) -> dict[str, float]:
    task = contest.task
    judge = Evaluator(_Uncounted(counted), task.model(contest.task_model), task.metric)
    jobs = [Job(winner.variant, case) for case in task.holdout]
    return {
        outcome.case_id: outcome.score.value if outcome.score else 0.0
        for outcome in judge.outcomes(jobs)
    }


class _Uncounted:
    def __init__(self, counted: CountedGateway) -> None:
        self._counted = counted

    def complete(self, request: Request) -> Completion:
        return self._counted.uncounted(request)


def _settings(study: Study, strategy: str | None) -> str:
    if not strategy:
        return "no search"
    stages = ", ".join(f"{stage.name} {stage.calls}" for stage in study.stages)
    return f"defaults; calls by stage: {stages}"
