"""One trial: a strategy searches one world within a budget, and the truth about what it chose."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from benchmarks.world.landscapes import LANDSCAPES
from benchmarks.world.memory import MemoryLedger
from benchmarks.world.truth import quality
from benchmarks.world.world import DESCRIPTION, PROPOSER, TASK_MODEL, World

from landrace.evaluation.evaluator import Evaluator
from landrace.gateway.cached import CachedGateway
from landrace.gateway.metered import Meter, MeteredGateway
from landrace.metrics.table import build
from landrace.optimizers.setting import Setting
from landrace.optimizers.strategy import Sizes
from landrace.optimizers.study import Study
from landrace.optimizers.table import STRATEGIES
from landrace.program import most_calls
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.schemas.prompt import MetricConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from landrace.evaluation.evaluator import Job
    from landrace.ledger import Ledger
    from landrace.optimizers.variants import Program
    from landrace.schemas.score import Outcome

# Raise it when a world answers otherwise than before: what was kept is of another world.
VERSION = "4"
SEARCH, SELECT = 32, 32  # cases

METRIC = build((MetricConfig(metric="exact_match"),))
_PUPIL = ModelConfig(id=TASK_MODEL, params={"temperature": 0, "max_tokens": 16}, concurrency=1)


class Plan(NamedTuple):
    """Which trial: all that its result depends on, but for the code."""

    landscape: str
    strategy: str
    calls: int
    repetition: int


@dataclass(frozen=True)
class Trial:
    """What came of it. ``base`` and ``chosen`` are true qualities, ``believed`` is the select
    score of the chosen, all 0 to 1. ``too_few`` tells that `landrace plan` would have asked for
    more calls.
    """

    landscape: str
    strategy: str
    calls: int
    repetition: int
    version: str
    base: float
    chosen: float
    believed: float | None
    spent_calls: int
    proposer_calls: int
    tokens: int
    seconds: float
    too_few: bool

    @property
    def plan(self) -> Plan:
        return Plan(self.landscape, self.strategy, self.calls, self.repetition)

    @property
    def gain(self) -> float:
        return self.chosen - self.base


class Inline(Evaluator):
    """Runs its jobs in the caller's thread: a thread costs more than an answer of the world."""

    def outcomes(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        return map(self.run, jobs)


def version_of(strategy: str) -> str:
    """What a kept trial must be of to be still worth something."""
    return f"{VERSION}/{STRATEGIES[strategy].version}"


def run(plan: Plan) -> Trial:
    """Run one trial: a pure function of the plan, but for its seconds."""
    world = _world(plan.landscape, plan.repetition)
    began = time.perf_counter()
    study, meter = _study(world, plan)
    STRATEGIES[plan.strategy].optimize(study)
    seconds = time.perf_counter() - began
    chosen = study.best() or study.base
    unseen = world.unseen(SEARCH + SELECT)
    return Trial(
        *plan,
        version=version_of(plan.strategy),
        base=_base(plan.landscape, plan.repetition),
        chosen=quality(world, chosen.variant, METRIC, unseen),
        believed=study.table.mean(chosen.digest, study.select),
        spent_calls=meter.spent.calls,
        proposer_calls=study.proposer_calls,
        tokens=meter.spent.tokens,
        seconds=round(seconds, 4),
        too_few=_is_too_few(plan, world.program),
    )


def _study(world: World, plan: Plan) -> tuple[Study, Meter]:
    strategy = STRATEGIES[plan.strategy]
    options = strategy.options()
    program = world.program
    ledger = cast("Ledger", MemoryLedger())
    meter = Meter(Budget(calls=plan.calls))
    gateway = MeteredGateway(CachedGateway(world, ledger, study="trial"), meter, study="trial")
    setting = Setting(
        program=program,
        description=DESCRIPTION,
        search=world.cases(0, SEARCH),
        select=world.cases(SEARCH, SELECT),
        holdout_size=len(world.unseen(SEARCH + SELECT)),
        seed=plan.repetition,
        options=options,
        proposer=ModelConfig(id=PROPOSER),
        proposer_is_weak=world.landscape.proposer.is_weak,
    )
    study = Study(
        setting,
        evaluator=Inline(gateway, _PUPIL, METRIC),
        gateway=gateway,
        meter=meter,
        ledger=ledger,
        name="trial",
        shares=_shares(plan, options, program),
    )
    return study, meter


def _shares(plan: Plan, options: Any, program: Program) -> dict[str, int]:
    """The calls of each stage; there is no holdout, all of the budget is the search's."""
    a_run = most_calls(program.graph)
    runs = STRATEGIES[plan.strategy].shares(options, _sizes(program), plan.calls // a_run)
    return {stage: count * a_run for stage, count in runs.items()}


def _is_too_few(plan: Plan, program: Program) -> bool:
    strategy = STRATEGIES[plan.strategy]
    least = strategy.least(strategy.options(), _sizes(program))
    return plan.calls < least * most_calls(program.graph)


def _sizes(program: Program) -> Sizes:
    return Sizes(SEARCH, SELECT, 0, 1, len(program.nodes), program.is_plain)


@lru_cache(maxsize=2)
def _world(landscape: str, repetition: int) -> World:
    """The world of a repetition, the same for all strategies and budgets."""
    return World(LANDSCAPES[landscape], repetition)


@lru_cache(maxsize=64)
def _base(landscape: str, repetition: int) -> float:
    world = _world(landscape, repetition)
    study, _ = _study(world, Plan(landscape, "auto", 1, repetition))
    return quality(world, study.base.variant, METRIC, world.unseen(SEARCH + SELECT))
