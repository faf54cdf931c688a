"""What a cell can cost at most, out of the code that holds it to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import canonical_json
from landrace.gateway.base import Message, Request
from landrace.gateway.metered import BYTES_A_TOKEN, Price, Spend, most_completion, worst_case
from landrace.optimizers.lengths import answer_limit, longest_instruction
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import write_variant
from landrace.program import Retrieve, file_of
from landrace.program.nodes import Asking
from landrace.program.params import overlaid
from landrace.schemas.candidate import Candidate
from landrace.workflows.judge_costs import judge_costs
from landrace.workflows.open_study import stage_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.schemas.case import Case
    from landrace.workflows.judge_costs import JudgeCost
    from landrace.workflows.task import CellTask


ROOM_FOR_INSTRUCTION = 4000  # bytes; a proposer's text is cut at 300 words


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
    holdout. Tokens assume that every call is as long as the longest case with as many of
    the longest demos as the strategy allows. Any call may be a judge's, and any of the search
    the proposer's, so money is that of the dearest of these models.
    """
    stages = {**stage_calls(task), "holdout": task.holdout_calls()}
    calls = sum(stages.values())
    if task.budget.calls is not None:
        calls = min(calls, task.budget.calls)
    longest = longest or longest_call(task, price(task.model.id))
    graphs, cases = [task.program.graph], _cases(task)
    judging = judge_costs(task.metric, graphs, task.model.params, cases, price)
    tokens = calls * max([longest.tokens, *(judge.tokens for judge in judging)])
    if task.budget.tokens is not None:
        tokens = min(tokens, task.budget.tokens)
    cost = _cost(task, calls, longest, judging, price)
    if cost is not None and task.budget.cost_usd is not None:
        cost = min(cost, task.budget.cost_usd)
    return CostCeiling(calls, tokens, cost, stages)


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
    proposal = asked.of(longest.prompt_tokens, longest_proposal(task))
    searched = max(0, calls - task.holdout_calls())
    return searched * max(dearest, proposal) + (calls - searched) * dearest


def longest_proposal(task: CellTask) -> int:
    """The most tokens of one answer of the proposer."""
    strategy = STRATEGIES[task.pipeline.strategy.name]
    own = strategy.longest_answer(task.options, task.sizes())
    incumbent = task.incumbent.candidate if task.incumbent else None
    limit = answer_limit(own, longest_instruction(task.program, incumbent))
    return most_completion(overlaid({"max_tokens": limit}, task.proposer.params))


def longest_call(task: CellTask, price: Price | None) -> Spend:
    """The most that one call of the cell's study, or of its winner, can take."""
    bare = max(_sizes(task, _cases(task)))
    demos = sorted(_sizes(task, task.search), reverse=True)[: _most_demos(task)]
    completion = most_completion(task.model.params)
    answers = len(demos) * completion
    prompt = worst_case(Request(task.model.id, (Message("user", "x" * bare),), {}), price)
    whole = prompt.prompt_tokens + sum(demos) + answers + ROOM_FOR_INSTRUCTION
    return Spend(1, whole, completion, price.of(whole, completion) if price else 0.0)


def _cases(task: CellTask) -> tuple[Case, ...]:
    return (*task.search, *task.select, *task.holdout)


def _sizes(task: CellTask, cases: Sequence[Case]) -> list[int]:
    """UTF-8 bytes of the base prompt for each case."""
    if not task.program.is_plain:
        return _program_sizes(task, cases)
    variant = write_variant(task.program, Candidate())
    return [
        sum(len(message["content"].encode()) for message in variant.first_messages(case.inputs))
        for case in cases
    ]


def _program_sizes(task: CellTask, cases: Sequence[Case]) -> list[int]:
    """The same of a program, of which any call may read all inputs and all that came before."""
    program = task.program
    nodes = program.graph.nodes.values()
    fixed = sum(len(node.source.encode()) for node in program.nodes.values())
    for node in nodes:
        if isinstance(node, Retrieve):
            lines = program.corpora[file_of(node.corpus)].splitlines()
            fixed += node.limit * max(len(line.encode()) for line in lines)
        elif isinstance(node, Asking):
            said = most_completion(overlaid(task.model.params, node.params))
            fixed += BYTES_A_TOKEN * said * getattr(node, "most", 1)
    return [fixed + len(program.nodes) * len(canonical_json(case.inputs)) for case in cases]


def _most_demos(task: CellTask) -> int:
    return int(getattr(task.options, "max_demos", 0))
