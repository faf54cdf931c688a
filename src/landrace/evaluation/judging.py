"""What judging an answer can take at most, before there is an answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from landrace.gateway.metered import BYTES_A_TOKEN, most_completion
from landrace.program import Extract, Union
from landrace.program.nodes import Asking
from landrace.program.params import overlaid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landrace.gateway.base import Request
    from landrace.metrics.base import Metric
    from landrace.program import Graph
    from landrace.schemas.case import Case


def longest_judgements(
    metric: Metric, graph: Graph, params: Mapping[str, Any], case: Case
) -> Iterator[Request]:
    """The longest that each of a metric's judges can be asked about a program's answer to a case.

    ``params`` are those of the model that runs the program.
    """
    if metric.judges:
        most = _most_bytes(graph, graph.output, params)
        for judge in metric.judges:
            yield judge.longest_request(case.inputs, case.expected, most)


def _most_bytes(graph: Graph, name: str, params: Mapping[str, Any]) -> float:
    """The most bytes of a name's value; infinite where no answer's limit bounds it."""
    node = graph.nodes.get(name)
    if isinstance(node, Asking):
        limit = most_completion(overlaid(params, node.params))
        return BYTES_A_TOKEN * limit * int(getattr(node, "most", 1))
    if isinstance(node, Extract):
        return _most_bytes(graph, node.source, params)
    if isinstance(node, Union):
        return sum(_most_bytes(graph, part, params) for part in node.of)
    return math.inf  # an input, or what is retrieved
