"""What a cell can cost at most, out of the code that holds it to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.gateway.base import Message, Request
from landrace.gateway.metered import Price, Spend, worst_case
from landrace.optimizers.variants import write_variant
from landrace.schemas.candidate import Candidate
from landrace.workflows.run_cell import stage_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.schemas.case import Case
    from landrace.workflows.task import CellTask


ROOM_FOR_INSTRUCTION = 4000  # bytes; a proposer's text is cut at 300 words


class CostCeiling(NamedTuple):
    """Upper bounds. ``cost_usd`` is None where no price is known; ``stages`` are calls."""

    calls: int
    tokens: int
    cost_usd: float | None
    stages: dict[str, int]


def estimate(task: CellTask, price: Callable[[str], Price | None]) -> CostCeiling:
    """The most that the cell's study can take.

    Calls are the sum of the shares that its stages are held to and of its look at the
    holdout. Tokens assume that every call is as long as the longest case with as many of
    the longest demos as the strategy allows.
    """
    stages = {**stage_calls(task), "holdout": task.holdout_calls()}
    calls = sum(stages.values())
    if task.budget.calls is not None:
        calls = min(calls, task.budget.calls)
    known = price(task.model.id)
    longest = _longest(task, known)
    tokens = calls * longest.tokens
    if task.budget.tokens is not None:
        tokens = min(tokens, task.budget.tokens)
    cost = None if known is None else calls * longest.cost_usd
    if cost is not None and task.budget.cost_usd is not None:
        cost = min(cost, task.budget.cost_usd)
    return CostCeiling(calls, tokens, cost, stages)


def _longest(task: CellTask, price: Price | None) -> Spend:
    cases = (*task.search, *task.select, *task.holdout)
    bare = max(_sizes(task, cases))
    demos = sorted(_sizes(task, task.search), reverse=True)[: _most_demos(task)]
    answers = len(demos) * int(task.model.params["max_tokens"])
    prompt = worst_case(Request(task.model.id, (Message("user", "x" * bare),), {}), price)
    whole = prompt.prompt_tokens + sum(demos) + answers + ROOM_FOR_INSTRUCTION
    completion = int(task.model.params["max_tokens"])
    cost = whole * price.prompt + completion * price.completion if price else 0.0
    return Spend(1, whole, completion, cost)


def _sizes(task: CellTask, cases: Sequence[Case]) -> list[int]:
    """UTF-8 bytes of the base prompt for each case."""
    template = write_variant(task.program, Candidate()).template
    return [
        sum(len(message["content"].encode()) for message in template.render(case.inputs))
        for case in cases
    ]


def _most_demos(task: CellTask) -> int:
    return int(getattr(task.options, "max_demos", 0))
