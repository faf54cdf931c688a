"""What a cell can cost at most, out of the code that holds it to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import canonical_json
from landrace.gateway.base import Message, Request
from landrace.gateway.metered import Price, Spend, most_completion, worst_case
from landrace.optimizers.lengths import answer_limit, longest_instruction
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import write_variant
from landrace.program import Retrieve, file_of
from landrace.program.nodes import Asking
from landrace.schemas.candidate import Candidate
from landrace.workflows.open_study import stage_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.schemas.case import Case
    from landrace.workflows.task import CellTask


BYTES_A_TOKEN = 8  # of an answer that a later node reads; English has less than five
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
    the longest demos as the strategy allows. Any call of the search may be the proposer's, so
    money is that of the dearer of the two models.
    """
    stages = {**stage_calls(task), "holdout": task.holdout_calls()}
    calls = sum(stages.values())
    if task.budget.calls is not None:
        calls = min(calls, task.budget.calls)
    known, asked = price(task.model.id), price(task.proposer.id)
    longest = longest or longest_call(task, known)
    tokens = calls * longest.tokens
    if task.budget.tokens is not None:
        tokens = min(tokens, task.budget.tokens)
    cost = None
    if known is not None and asked is not None:
        proposal = longest.prompt_tokens * asked.prompt + longest_proposal(task) * asked.completion
        searched = max(0, calls - task.holdout_calls())
        cost = searched * max(longest.cost_usd, proposal)
        cost += (calls - searched) * longest.cost_usd
    if cost is not None and task.budget.cost_usd is not None:
        cost = min(cost, task.budget.cost_usd)
    return CostCeiling(calls, tokens, cost, stages)


def longest_proposal(task: CellTask) -> int:
    """The most tokens of one answer of the proposer."""
    strategy = STRATEGIES[task.pipeline.strategy.name]
    own = strategy.longest_answer(task.options, task.sizes())
    incumbent = task.incumbent.candidate if task.incumbent else None
    limit = answer_limit(own, longest_instruction(task.program, incumbent))
    return most_completion({"max_tokens": limit, **task.proposer.params})


def longest_call(task: CellTask, price: Price | None) -> Spend:
    """The most that one call of the cell's study, or of its winner, can take."""
    cases = (*task.search, *task.select, *task.holdout)
    bare = max(_sizes(task, cases))
    demos = sorted(_sizes(task, task.search), reverse=True)[: _most_demos(task)]
    completion = most_completion(task.model.params)
    answers = len(demos) * completion
    prompt = worst_case(Request(task.model.id, (Message("user", "x" * bare),), {}), price)
    whole = prompt.prompt_tokens + sum(demos) + answers + ROOM_FOR_INSTRUCTION
    cost = whole * price.prompt + completion * price.completion if price else 0.0
    return Spend(1, whole, completion, cost)


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
            said = most_completion({**task.model.params, **node.params})
            fixed += BYTES_A_TOKEN * said * getattr(node, "most", 1)
    return [fixed + len(program.nodes) * len(canonical_json(case.inputs)) for case in cases]


def _most_demos(task: CellTask) -> int:
    return int(getattr(task.options, "max_demos", 0))
