"""What makes two candidates the same one."""

from __future__ import annotations

from landrace.schemas.candidate import Candidate
from program_world import graph_json

REASON_FIRST = {"response_format": {"reason": {}, "answer": {}}}
ANSWER_FIRST = {"response_format": {"answer": {}, "reason": {}}}


def over_a_graph(params):
    return Candidate(graph=graph_json({"say": {"generate": {"params": params}}}, "say"))


def test_parameters_in_another_order_inside_are_another_candidate():
    one, other = (Candidate.plain(operator="x", params=p) for p in (REASON_FIRST, ANSWER_FIRST))
    assert one.digest != other.digest
    assert over_a_graph(REASON_FIRST).digest != over_a_graph(ANSWER_FIRST).digest


def test_the_order_of_names_makes_no_other_candidate():
    params = {"top_p": 1, "temperature": 0}
    turned = dict(reversed(params.items()))
    one, other = (Candidate.plain(operator="x", params=p) for p in (params, turned))
    assert one.digest == other.digest
    assert over_a_graph(params).digest == over_a_graph(turned).digest
