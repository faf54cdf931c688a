"""What a cell can cost at most, out of the code that holds it to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.gateway.metered import Price, Spend, most_completion
from landrace.optimizers.lengths import answer_limit, longest_instruction
from landrace.optimizers.table import STRATEGIES
from landrace.program.params import LIMITS, overlaid
from landrace.workflows.judge_costs import judge_costs
from landrace.workflows.longest_call import cases_of, longest_call, starts_of
from landrace.workflows.open_study import stage_calls
from landrace.workflows.prices import require_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.workflows.judge_costs import JudgeCost
    from landrace.workflows.task import CellTask


class CostCeiling(NamedTuple):
    """Upper bounds. ``cost_usd`` is None where no price is known; ``stages`` are calls."""

    calls: int
    tokens: int
    cost_usd: float | None
    stages: dict[str, int]


def estimate(
    task: CellTask, price: Callable[[str], Price | None], longest: Spend | None = None
) -> CostCeiling:
    """The most that the cell's study can take; ``longest`` is `longest_call`, if it is known.

    Calls are the sum of the shares that its stages are held to and of its look at the
    holdout. Tokens and money assume that every call is the longest and the dearest: any may be a
    judge's, and any of the search the proposer's.

    Raises:
        ConfigError: there is a ceiling on cost, and no price of a model that may be asked.
    """
    require_prices(task, price)
    stages = {**stage_calls(task), "holdout": task.holdout_calls()}
    calls = sum(stages.values())
    if task.budget.calls is not None:
        calls = min(calls, task.budget.calls)
    starts = starts_of(task)
    longest = longest or longest_call(task, price(task.model.id), starts)
    params = {**task.model.params, LIMITS[0]: longest.completion_tokens}
    graphs = [start.graph for start in starts]
    judging = judge_costs(task.metric, graphs, params, cases_of(task), price)
    tokens = _tokens(task, calls, longest, judging)
    if task.budget.tokens is not None:
        tokens = min(tokens, task.budget.tokens)
    cost = _cost(task, calls, longest, judging, price)
    if cost is not None and task.budget.cost_usd is not None:
        cost = min(cost, task.budget.cost_usd)
    return CostCeiling(calls, tokens, cost, stages)


def _tokens(task: CellTask, calls: int, longest: Spend, judging: Sequence[JudgeCost]) -> int:
    """The most tokens that the calls can take."""
    most = max([longest.tokens, *(judge.tokens for judge in judging)])
    question = longest.prompt_tokens + _longest_of_proposer(task, longest)
    searched = max(0, calls - task.holdout_calls())
    return searched * max(most, question) + (calls - searched) * most


def _cost(
    task: CellTask,
    calls: int,
    longest: Spend,
    judging: Sequence[JudgeCost],
    price: Callable[[str], Price | None],
) -> float | None:
    """The most money that the calls can take; None where some model's price is not known."""
    asked = price(task.proposer.id)
    unpriced = price(task.model.id) is None or any(judge.cost_usd is None for judge in judging)
    if asked is None or unpriced:
        return None
    dearest = max([longest.cost_usd, *(judge.cost_usd or 0.0 for judge in judging)])
    proposal = asked.of(longest.prompt_tokens, _longest_of_proposer(task, longest))
    searched = max(0, calls - task.holdout_calls())
    return searched * max(dearest, proposal) + (calls - searched) * dearest


def _longest_of_proposer(task: CellTask, longest: Spend) -> int:
    """The most tokens that the proposer answers, be it to a question or as a teacher."""
    taught = longest.completion_tokens if task.teacher else 0
    return max(longest_proposal(task), taught)


def longest_proposal(task: CellTask) -> int:
    """The most tokens of one answer of the proposer."""
    strategy = STRATEGIES[task.pipeline.strategy.name]
    own = strategy.longest_answer(task.options, task.sizes())
    incumbent = task.incumbent.candidate if task.incumbent else None
    limit = answer_limit(own, longest_instruction(task.program, incumbent))
    return most_completion(overlaid({"max_tokens": limit}, task.proposer.params))
