from __future__ import annotations

import itertools

import pytest

from landrace.optimizers.running_order import running_order
from landrace.program import Graph
from landrace.program.nodes import Extract, Union
from strategy_world import CHAIN, chain, generating, written_in

TEXTS = {
    "first": ("Note: {{ word }}", "first.jinja"),
    "second": ("Other: {{ word }}", "second.jinja"),
    "said": ("{{ word }} {{ notes[0] }}", "said.jinja"),
}
NODES = {
    **{name: generating(name, {"type": "text"}) for name in TEXTS},
    "notes": Union(("first", "second")),
    "answer": Extract("said", "regex", "[a-z]+", every=False),
}


def order_of(*names, texts=None):
    graph = Graph({name: NODES[name] for name in names}, "answer")
    return running_order(graph, {**TEXTS, **(texts or {})})


def test_who_is_read_through_a_node_that_computes_comes_before():
    assert order_of("answer", "said", "notes", "first", "second") == ["first", "second", "said"]


def test_what_can_run_at_once_stands_as_it_is_written():
    assert order_of("second", "first", "said", "answer", "notes") == ["second", "first", "said"]


def test_a_running_order_stays_though_what_computes_is_written_last():
    texts = {"said": ("{{ notes[0] }}", "x"), "second": ("{{ word }}", "x")}
    nodes = {**NODES, "notes": Union(("first",))}
    graph = Graph({n: nodes[n] for n in ("first", "said", "second", "notes", "answer")}, "answer")
    assert running_order(graph, {**TEXTS, **texts}) == ["first", "said", "second"]


@pytest.mark.parametrize("text", ["{{ said }}", "{% if %}"])
def test_what_a_check_will_refuse_is_passed_over(text):
    found = order_of("said", "first", "second", "notes", "answer", texts={"first": (text, "x")})
    assert sorted(found) == ["first", "said", "second"]


@pytest.mark.parametrize("order", list(itertools.permutations(CHAIN)))
def test_a_program_has_its_nodes_as_they_run_and_the_last_for_main(order):
    part = Extract("colour", "regex", ".*", every=False)
    program = chain()
    graph = Graph({**program.graph.nodes, "answer": part}, "answer")
    found = written_in(("answer", *order), program._replace(graph=graph))
    assert list(found.nodes) == list(CHAIN)
    assert found.main.name == "colour"
