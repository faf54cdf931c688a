"""What tells the orders of keys apart that a model sees, and leaves all other hashes as they are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.digest import json_digest
from landrace.key_order import in_file_order, inputs_in_order, program_in_order, values_in_order
from program_world import graph_json

json_values = st.recursive(
    st.none() | st.integers() | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=10,
)
parameters = st.dictionaries(st.text("ab"), json_values, max_size=3)

ASKED = {"properties": {"reason": {}, "answer": {}}}
TURNED = {"properties": {"answer": {}, "reason": {}}}


def as_sorted(value):
    return json.loads(json.dumps(value, sort_keys=True))


def in_own_order(values):
    return json.dumps({name: values[name] for name in sorted(values)})


@given(parameters)
def test_what_is_in_alphabetical_order_keeps_its_hash(values):
    inside = {name: as_sorted(value) for name, value in values.items()}
    assert json_digest(values_in_order(inside)) == json_digest(inside)


@given(parameters, parameters)
def test_two_forms_are_equal_where_the_same_is_sent(one, other):
    same = in_own_order(one) == in_own_order(other)
    assert (values_in_order(one) == values_in_order(other)) == same


@given(parameters)
def test_the_order_of_names_has_no_meaning(values):
    assert values_in_order(dict(reversed(values.items()))) == values_in_order(values)


@given(parameters)
def test_another_order_inside_is_another_value(values):
    turned = {name: dict(reversed(v.items())) for name, v in values.items() if isinstance(v, dict)}
    same = in_own_order({**values, **turned}) == in_own_order(values)
    assert (values_in_order({**values, **turned}) == values_in_order(values)) == same


def schema(*, default, first="style", **more):
    """The schema of two inputs; ``first`` is the one that is written first."""
    both = {"note": {"type": "string"}, "style": {"type": "object", "default": default}}
    other = "note" if first == "style" else "style"
    properties = {first: both[first], other: both[other]}
    return {"type": "object", **more, "properties": properties, "required": ["note"]}


def test_of_inputs_only_defaults_are_sent():
    one = inputs_in_order(schema(default=ASKED))
    assert inputs_in_order(schema(default=ASKED, first="note")) == one
    assert inputs_in_order(schema(default=TURNED)) != one
    assert inputs_in_order(schema(default=[ASKED])) != inputs_in_order(schema(default=[TURNED]))
    flat = schema(default={"a": 1, "b": 2})
    assert inputs_in_order(flat) == flat


@pytest.mark.parametrize("properties", [None, [], {"x": True}, {"x": []}, {"x": {"default": 1}}])
def test_a_malformed_schema_stays_as_it_is(properties):
    assert inputs_in_order({"properties": properties}) == {"properties": properties}


def program(params, **more):
    return graph_json({"say": {"generate": {"params": params, **more}}}, "say")


def test_of_a_program_the_parameters_of_its_nodes_are_sent():
    one = program_in_order(program({"response_format": ASKED}))
    assert program_in_order(program({"response_format": TURNED})) != one
    output = {"schema": {"b": 1, "a": 2}, "type": "json"}
    flat = program({"top_p": 1, "temperature": 0}, output=output)
    assert program_in_order(flat) == flat


@pytest.mark.parametrize("nodes", [None, [], {"x": 1}, {"x": {"generate": []}}])
def test_a_malformed_program_stays_as_it_is(nodes):
    assert program_in_order({"nodes": nodes}) == {"nodes": nodes}


def test_a_file_is_sorted_but_for_what_is_sent():
    value = {"model": {"params": ASKED, "id": "m"}, "inputs": TURNED, "files": [{"b": 1, "a": 2}]}
    assert json.dumps(in_file_order(value)) == json.dumps(
        {"files": [{"a": 2, "b": 1}], "inputs": TURNED, "model": {"id": "m", "params": ASKED}}
    )
