"""What the comparison of a cell with base takes at most, the tries on other models included."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import TemplateError
from landrace.gateway.base import Message, Request
from landrace.gateway.metered import Spend, worst_case
from landrace.optimizers.variants import write_variant
from landrace.schemas.candidate import Candidate
from landrace.workflows.gating.looks import can_vary
from landrace.workflows.gating.suite import read_suite
from landrace.workflows.judging import judge_costs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.evaluation.variant import Variant
    from landrace.gateway.metered import Price
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import Budget
    from landrace.workflows.gating.suite import Suite
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.pull_request.standing import EvidenceCheck
    from landrace.workflows.pull_request.states import States

    PriceOf = Callable[[str], "Price | None"]


class Ceiling(NamedTuple):
    """Upper bounds; ``cost_usd`` is None where no price is known."""

    calls: int
    tokens: int
    cost_usd: float | None


NO_CALL = Ceiling(0, 0, 0.0)


class ComparisonCost:
    """Reads each prompt's holdout of base, and its metric, once."""

    def __init__(self, check: EvidenceCheck, price: PriceOf) -> None:
        self._check = check
        self._price = price
        self._suites: dict[str, Suite | None] = {}

    def of(self, cell: PlannedCell, longest: Spend | None = None) -> Ceiling:
        """The ceiling of a cell's comparison.

        ``longest`` is the most that a call with a winner that is yet to be found can take; by
        default head's pin is compared. Answers that are known already count, too.

        Raises:
            LandraceError: what is pinned cannot be read or rendered.
        """
        suite = self._suite(cell.prompt)
        if suite is None or not suite.cases or not self._check.inputs.is_compared(cell):
            return NO_CALL
        head = _served if longest is None else _unpinned
        found = (_served(self._check.base, cell), head(self._check.head, cell))
        sides = [side for side in found if side is not None]
        each = [_longest(side, cell, suite.cases) for side in sides]
        return self._ceiling(cell, suite, sides, _each_most([*each, longest or Spend()]))

    def _ceiling(
        self, cell: PlannedCell, suite: Suite, sides: Sequence[Variant], longest: Spend
    ) -> Ceiling:
        """Of runs that make as many calls as the larger program, and are judged each."""
        runs = _runs(cell, len(suite.cases))
        total, calls = sum(runs.values()), max(side.calls for side in sides)
        graphs = [side.program.graph for side in sides]
        judges = judge_costs(suite.metric, graphs, cell.model.params, suite.cases, self._price)
        costs = [self._cost(model, count * calls, longest) for model, count in runs.items()]
        costs += [judge.cost_usd and total * judge.cost_usd for judge in judges]
        known = [cost for cost in costs if cost is not None]
        tokens = total * (calls * longest.tokens + sum(judge.tokens for judge in judges))
        cost = sum(known) if len(known) == len(costs) else None
        ceiling = Ceiling(total * (calls + len(judges)), tokens, cost)
        return _within(ceiling, cell.pipeline.config.gate.budget)

    def _cost(self, model: str, calls: int, each: Spend) -> float | None:
        price = self._price(model)
        if price is None:
            return None
        return calls * (
            each.prompt_tokens * price.prompt + each.completion_tokens * price.completion
        )

    def _suite(self, prompt: str) -> Suite | None:
        if prompt not in self._suites:
            state = self._check.base.prompt(prompt)
            self._suites[prompt] = read_suite(state.source, holdout_only=True) if state else None
        return self._suites[prompt]


def _runs(cell: PlannedCell, cases: int) -> dict[str, int]:
    """How often each model is asked at most: this one for both sides, others for the winner."""
    config = cell.pipeline.config
    repeats = config.gate.repeats if can_vary(cell.model.params) else 1
    runs = dict.fromkeys((model.id for model in config.models), cases) if config.transfer else {}
    return {**runs, cell.model.id: 2 * repeats * cases}


def _served(states: States, cell: PlannedCell) -> Variant | None:
    """What one side has today; None where it lacks the prompt."""
    state = states.prompt(cell.prompt)
    pinned = state and states.pinned(cell.prompt, cell.model.id)
    if state and pinned:
        return pinned.variant(state.source.template_name)
    return _unpinned(states, cell)


def _unpinned(states: States, cell: PlannedCell) -> Variant | None:
    """The prompt itself, where its pin is about to be replaced, or there is none."""
    state = states.prompt(cell.prompt)
    return write_variant(state.program, Candidate()) if state else None


def _longest(variant: Variant, cell: PlannedCell, holdout: Sequence[Case]) -> Spend:
    """The most that a call takes."""
    try:
        chats = [variant.first_messages(case.inputs) for case in holdout]
    except TemplateError:  # it takes other inputs, and is not asked
        return Spend()
    requests = (
        Request(cell.model.id, tuple(Message(**each) for each in chat), cell.model.params)
        for chat in chats
    )
    return _each_most([worst_case(request, None) for request in requests])


def _each_most(spends: Sequence[Spend]) -> Spend:
    return Spend(
        1,
        max(spend.prompt_tokens for spend in spends),
        max(spend.completion_tokens for spend in spends),
    )


def _within(found: Ceiling, budget: Budget) -> Ceiling:
    cost = found.cost_usd
    if budget.cost_usd is not None:
        cost = budget.cost_usd if cost is None else min(cost, budget.cost_usd)
    return Ceiling(
        found.calls if budget.calls is None else min(found.calls, budget.calls),
        found.tokens if budget.tokens is None else min(found.tokens, budget.tokens),
        cost,
    )
