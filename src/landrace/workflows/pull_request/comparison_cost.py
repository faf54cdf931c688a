"""What the comparison of a cell with base takes at most.

It asks both sides on base's suite, as often as the gate repeats; then, where head changed the
suite, both sides on head's; and then the pipeline's other models, if winners are tried on them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import LandraceError
from landrace.gateway.base import Message, Request
from landrace.gateway.metered import Spend, worst_case
from landrace.optimizers.variants import write_variant
from landrace.program.params import LIMITS
from landrace.schemas.candidate import Candidate
from landrace.workflows.decoding import decoding
from landrace.workflows.gating.drift import bounded
from landrace.workflows.gating.looks import can_vary
from landrace.workflows.gating.suite import adapted, read_suite, why_not_run
from landrace.workflows.judge_costs import judge_costs
from landrace.workflows.longest_call import longest_node_answer
from landrace.workflows.plan import resolved
from landrace.workflows.pull_request.transfer import models_to_try

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from landrace.evaluation.variant import Variant
    from landrace.gateway.metered import Price
    from landrace.schemas.pipeline import Budget, ModelConfig
    from landrace.store.project import PromptSource
    from landrace.workflows.gating.suite import Suite
    from landrace.workflows.judge_costs import JudgeCost
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.prompt_state import PromptState
    from landrace.workflows.pull_request.standing import EvidenceCheck
    from landrace.workflows.pull_request.states import States
    from landrace.workflows.tasks import Pinned

    PriceOf = Callable[[str], "Price | None"]


class Ceiling(NamedTuple):
    """Upper bounds; ``cost_usd`` is None where no price is known."""

    calls: int
    tokens: int
    cost_usd: float | None


NO_CALL = Ceiling(0, 0, 0.0)


class _Side(NamedTuple):
    """One side of a comparison, with the parameters that its model is called with."""

    source: PromptSource
    variant: Variant
    params: Mapping[str, Any]


class _Asking(NamedTuple):
    """Runs of a program on one model, of as many calls each, and each judged."""

    model: str
    runs: int
    calls: int
    each: Spend
    judging: Sequence[JudgeCost]


class ComparisonCost:
    """Reads each prompt's holdout of base and of head, and its metrics, once."""

    def __init__(self, check: EvidenceCheck, price: PriceOf) -> None:
        self._check = check
        self._price = price
        self._suites: dict[str, tuple[Suite | None, Suite | None]] = {}

    def of(self, cell: PlannedCell, longest: Spend | None = None) -> Ceiling:
        """The ceiling of a cell's comparison.

        ``longest`` is the most that a call with a winner that is yet to be found can take; by
        default head's pin is compared. Answers that are known already count, too.

        Raises:
            LandraceError: what is pinned cannot be read or rendered.
        """
        suite, new = self._suites_of(cell.prompt)
        claim = self._check.inputs.claim(cell)
        if suite is None or not suite.cases or claim is None:
            return NO_CALL
        config, model = claim
        name, check = (cell.prompt, cell.model.id), self._check
        pinned = check.head.pinned(*name) if longest is None else None
        base = _side(check.base, cell, model, check.base.incumbent(*name))
        head = _side(check.head, cell, cell.model, pinned)
        sides = [side for side in (base, head) if side is not None]
        repeats = config.gate.repeats if can_vary(sides[-1].params) else 1
        winner = longest or Spend()
        askings = [self._both(cell, sides, winner, suite, 2 * repeats * len(suite.cases))]
        if new is not None:
            askings.append(self._both(cell, sides, winner, new, 2 * len(new.cases)))
        if head is not None:
            askings += self._tries(cell, head, winner, suite)
        return _within(_sum(askings, self._price), config.gate.budget)

    def _both(
        self, cell: PlannedCell, sides: Sequence[_Side], winner: Spend, suite: Suite, runs: int
    ) -> _Asking:
        """Both sides on a suite: each run makes as many calls as the larger program."""
        answer = max(_longest_answer(side, side.params) for side in sides)
        return self._asking(cell.model.id, sides, suite, runs, _longer(winner, answer))

    def _tries(
        self, cell: PlannedCell, head: _Side, winner: Spend, suite: Suite
    ) -> Iterator[_Asking]:
        """Head's side on the pipeline's other models, each called with its own parameters."""
        for model in models_to_try(cell, head.source.config):
            answer = _longest_answer(head, model.params)
            longest = _longer(winner, answer)
            yield self._asking(model.id, [head], suite, len(suite.cases), longest)

    def _asking(
        self, model: str, sides: Sequence[_Side], suite: Suite, runs: int, longest: Spend
    ) -> _Asking:
        """``longest`` is the call of a winner, with the longest answer of the sides."""
        graphs = [side.variant.program.graph for side in sides]
        params = {LIMITS[0]: longest.completion_tokens}
        judging = judge_costs(suite.metric, graphs, params, suite.cases, self._price)
        calls = max(side.variant.calls for side in sides)
        prompt = max([longest.prompt_tokens, *(_longest_prompt(side, suite) for side in sides)])
        return _Asking(model, runs, calls, replace(longest, prompt_tokens=prompt), judging)

    def _suites_of(self, prompt: str) -> tuple[Suite | None, Suite | None]:
        """Base's suite, and head's as far as it is asked, too."""
        if prompt not in self._suites:
            base, head = (side.prompt(prompt) for side in (self._check.base, self._check.head))
            old = read_suite(base.source, holdout_only=True) if base else None
            new = None
            if base and head and _suite_parts(base) != _suite_parts(head):
                new = bounded(read_suite(head.source, holdout_only=True))
                new = None if why_not_run(base.metric, new.metric) or not new.cases else new
            self._suites[prompt] = old, new
        return self._suites[prompt]


def _suite_parts(state: PromptState) -> tuple[object, ...]:
    """What has the comparison ask head's suite as well, where it differs."""
    return state.eval_set.cases, state.fingerprints().metrics


def _side(
    states: States, cell: PlannedCell, model: ModelConfig, pin: Pinned | None
) -> _Side | None:
    """What one side's pin serves, or the prompt itself where it has none, or is to get another.

    None where it lacks the prompt.
    """
    state = states.prompt(cell.prompt)
    if state is None:
        return None
    params = resolved(model, state.source.config).params
    if pin is None:
        return _Side(state.source, write_variant(state.program, Candidate()), params)
    return _Side(
        state.source,
        pin.variant(state.source.template_name),
        decoding(pin.pin.model.params),  # a comparison takes no others of a pin
    )


def _longest_answer(side: _Side, params: Mapping[str, Any]) -> int:
    """The most tokens of an answer of any node."""
    return longest_node_answer(side.variant.program.graph, params)


def _longer(call: Spend, answer: int) -> Spend:
    """The call with the longer answer."""
    return replace(call, calls=1, completion_tokens=max(call.completion_tokens, answer))


def _longest_prompt(side: _Side, suite: Suite) -> int:
    """The most tokens that a case of a suite is asked with."""
    try:
        cases = adapted(suite.written, side.source)
        chats = [side.variant.first_messages(case.inputs) for case in cases]
    except LandraceError:  # it takes other inputs, and is not asked
        return 0
    requests = (Request("", tuple(Message(**each) for each in chat), {}) for chat in chats)
    return max(worst_case(request, None).prompt_tokens for request in requests)


def _sum(askings: Iterable[_Asking], price: PriceOf) -> Ceiling:
    calls, tokens, costs = 0, 0, list[float | None]()
    for one in askings:
        calls += one.runs * (one.calls + len(one.judging))
        judged = sum(judge.tokens for judge in one.judging)
        tokens += one.runs * (one.calls * one.each.tokens + judged)
        costs += _costs(one, price(one.model))
    known = [cost for cost in costs if cost is not None]
    return Ceiling(calls, tokens, sum(known) if len(known) == len(costs) else None)


def _costs(one: _Asking, price: Price | None) -> Iterator[float | None]:
    """What the model's calls take, and those of each judge; None where no price is known."""
    asked = price and price.of(one.each.prompt_tokens, one.each.completion_tokens)
    for calls, cost in ((one.calls, asked), *((1, judge.cost_usd) for judge in one.judging)):
        yield None if cost is None else one.runs * calls * cost


def _within(found: Ceiling, budget: Budget) -> Ceiling:
    cost = found.cost_usd
    if budget.cost_usd is not None:
        cost = budget.cost_usd if cost is None else min(cost, budget.cost_usd)
    return Ceiling(
        found.calls if budget.calls is None else min(found.calls, budget.calls),
        found.tokens if budget.tokens is None else min(found.tokens, budget.tokens),
        cost,
    )
