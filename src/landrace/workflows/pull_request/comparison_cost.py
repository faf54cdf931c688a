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

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.gateway.metered import Price
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import Budget
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
    """Reads each prompt's holdout of base once."""

    def __init__(self, check: EvidenceCheck, price: PriceOf) -> None:
        self._check = check
        self._price = price
        self._holdouts: dict[str, Sequence[Case]] = {}

    def of(self, cell: PlannedCell, longest: Spend | None = None) -> Ceiling:
        """The ceiling of a cell's comparison.

        ``longest`` is the most that a call with a winner that is yet to be found can take; by
        default head's pin is compared. Answers that are known already count, too.

        Raises:
            LandraceError: what is pinned cannot be read or rendered.
        """
        holdout = self._holdout(cell.prompt)
        if not holdout or not self._check.inputs.is_compared(cell):
            return NO_CALL
        sides = [_longest(self._check.base, cell, holdout)]
        sides.append(_longest(self._check.head, cell, holdout) if longest is None else longest)
        found = _each_most(sides)
        repeats = cell.pipeline.config.gate.repeats if can_vary(cell.model.params) else 1
        each = [(cell.model.id, 2 * repeats * len(holdout))]
        if cell.pipeline.config.transfer:
            others = (m.id for m in cell.pipeline.config.models if m.id != cell.model.id)
            each += [(model, len(holdout)) for model in others]
        costs = [self._cost(model, calls, found) for model, calls in each]
        calls = sum(calls for _, calls in each)
        known = [cost for cost in costs if cost is not None]
        total = sum(known) if len(known) == len(costs) else None
        return _within(
            Ceiling(calls, calls * found.tokens, total), cell.pipeline.config.gate.budget
        )

    def _cost(self, model: str, calls: int, each: Spend) -> float | None:
        price = self._price(model)
        if price is None:
            return None
        return calls * (
            each.prompt_tokens * price.prompt + each.completion_tokens * price.completion
        )

    def _holdout(self, prompt: str) -> Sequence[Case]:
        if prompt not in self._holdouts:
            state = self._check.base.prompt(prompt)
            cases = read_suite(state.source, holdout_only=True).cases if state else ()
            self._holdouts[prompt] = cases
        return self._holdouts[prompt]


def _longest(states: States, cell: PlannedCell, holdout: Sequence[Case]) -> Spend:
    """The most that a call takes with what one side has today."""
    state = states.prompt(cell.prompt)
    if state is None:
        return Spend()
    pinned = states.pinned(cell.prompt, cell.model.id)
    if pinned:
        variant = pinned.variant(state.source.template_name)
    else:
        variant = write_variant(state.program, Candidate())
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
