from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import ModelError
from landrace.gateway.base import Message, Request
from landrace.gateway.decoding import completion_options


def options(repeat=0, **params):
    request = Request("local/m", (Message("user", "hi"),), params=params, repeat=repeat)
    return completion_options(request)


def test_defaults_are_greedy_and_spelled_out():
    assert options() == {
        "temperature": 0.0,
        "n_predict": 256,
        "top_k": 40,
        "top_p": 0.95,
        "min_p": 0.05,
        "seed": 0,
        "stop": [],
    }


def test_given_values_win():
    found = options(temperature=1, max_tokens=5, top_k=1, top_p=1, stop="\n")
    assert (found["temperature"], found["n_predict"], found["top_k"]) == (1, 5, 1)
    assert found["stop"] == ["\n"]
    assert options(stop=["a", "b"])["stop"] == ["a", "b"]


def test_repeats_draw_with_seeds_of_their_own():
    assert [options(repeat=n, seed=7)["seed"] for n in range(3)] == [7, 8, 9]
    assert options(repeat=1, seed=2**32 - 2)["seed"] == 0


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(
    ("response_format", "schema"),
    [
        ({"type": "json_object"}, {"type": "object"}),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}, SCHEMA),
        ({"type": "json_schema", "json_schema": SCHEMA}, SCHEMA),
    ],
)
def test_response_format_becomes_a_grammar(response_format, schema):
    assert options(response_format=response_format)["json_schema"] == schema


def test_plain_text_needs_no_grammar():
    assert "json_schema" not in options(response_format={"type": "text"})


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"temprature": 1}, "Did you mean `temperature`?"),
        ({"maxtokens": 1}, "Did you mean `max_tokens`?"),
        ({"zzz": 1}, "Known: temperature"),
        ({"temperature": "hot"}, "a number from 0 to 2"),
        ({"temperature": True}, "a number from 0 to 2"),
        ({"temperature": float("nan")}, "a number from 0 to 2"),
        ({"max_tokens": 0}, "a whole number from 1"),
        ({"seed": -1}, "a whole number from 0"),
        ({"stop": [""]}, "a text or a list of texts"),
        ({"response_format": "json"}, "a mapping with a `type`"),
        ({"response_format": {"type": "xml"}}, "json_object"),
        ({"response_format": {"type": "json_schema"}}, "json_object"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"properties": 5}}},
            "$.properties",
        ),
    ],
)
def test_bad_parameters_say_what_to_write(params, words):
    with pytest.raises(ModelError) as caught:
        options(**params)
    assert words in caught.value.fix
    assert caught.value.where == "local/m"


@given(
    st.dictionaries(
        st.sampled_from(["temperature", "max_tokens", "seed", "stop", "response_format", "x"]),
        st.none()
        | st.booleans()
        | st.floats()
        | st.text()
        | st.lists(st.text())
        | st.dictionaries(st.sampled_from(["type", "json_schema"]), st.text()),
    )
)
def test_any_value_is_read_or_refused(params):
    try:
        found = options(**params)
    except ModelError:
        return
    assert found["n_predict"] >= 1
