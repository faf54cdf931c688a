"""What the judges of a prompt's metrics can take at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.evaluation.judging import longest_judgements
from landrace.gateway.metered import worst_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from landrace.gateway.base import Request
    from landrace.gateway.metered import Price
    from landrace.metrics.base import Metric
    from landrace.program import Graph
    from landrace.schemas.case import Case

    PriceOf = Callable[[str], "Price | None"]


class JudgeCost(NamedTuple):
    """The most that one call of a judge can take; ``cost_usd`` is None where no price is known."""

    tokens: int
    cost_usd: float | None


def judge_costs(
    metric: Metric,
    graphs: Iterable[Graph],
    params: Mapping[str, Any],
    cases: Sequence[Case],
    price: PriceOf,
) -> list[JudgeCost]:
    """For each judge the most that a call takes, of all about a program's answers to the cases.

    The program has one of ``graphs``; ``params`` are those of the model that runs it.
    """
    asked = [longest_judgements(metric, graph, params, case) for graph in graphs for case in cases]
    return [_dearest(each, price) for each in zip(*asked, strict=True)]


def _dearest(requests: Sequence[Request], price: PriceOf) -> JudgeCost:
    """Of requests to one judge."""
    known = price(requests[0].model)
    spends = [worst_case(request, known) for request in requests]
    cost = None if known is None else max(spend.cost_usd for spend in spends)
    return JudgeCost(max(spend.tokens for spend in spends), cost)
