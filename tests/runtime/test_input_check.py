from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import (
    ExtraInputError,
    FormatError,
    InputError,
    InputTypeError,
    MissingInputError,
)
from landrace.runtime.input_check import InputCheck

TYPES = ["string", "integer", "number", "boolean", "array", "object", "null"]


def check(properties: dict[str, Any], required: list[str] | None = None, **more: Any) -> InputCheck:
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        **more,
    }
    return InputCheck(schema, prompt="demo", where="pin.json")


def test_required_strings_pass_as_they_are() -> None:
    inputs = {"a": "x", "b": ""}

    assert check({"a": {"type": "string"}, "b": {"type": "string"}})(inputs) is inputs


def test_a_missing_input_is_named_with_those_that_there_are() -> None:
    with pytest.raises(MissingInputError) as caught:
        check({"a": {"type": "string"}, "b": {}})({"b": 1})

    assert str(caught.value) == "demo: missing input `a`\n  the inputs are `a`, `b`"


def test_an_extra_input_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ExtraInputError) as caught:
        check({"review": {"type": "string"}})({"review": "x", "reviev": "y"})

    assert str(caught.value) == "demo: there is no input `reviev`\n  did you mean `review`?"


def test_an_extra_input_of_a_prompt_without_inputs() -> None:
    with pytest.raises(ExtraInputError, match="the inputs are none"):
        check({})({"x": 1})


def test_extra_inputs_pass_where_the_schema_says_so() -> None:
    assert check({}, additionalProperties=True)({"x": 1}) == {"x": 1}


def test_optional_inputs_are_their_default_or_null() -> None:
    checked = check({"a": {"type": "string"}, "b": {"default": [1]}}, required=[])

    assert checked({}) == {"a": None, "b": [1]}
    assert checked({"a": "x", "b": 2}) == {"a": "x", "b": 2}


def test_a_default_is_a_copy() -> None:
    checked = check({"a": {"default": {"b": [1]}}}, required=[])

    checked({})["a"]["b"].append(2)

    assert checked({}) == {"a": {"b": [1]}}


@pytest.mark.parametrize(
    ("type_", "value", "message"),
    [
        ("string", 1, "input `x` is a number, not of type string"),
        ("string", None, "input `x` is null, not of type string"),
        ("integer", 1.5, "input `x` is a number, not of type integer"),
        ("integer", True, "input `x` is a boolean, not of type integer"),
        ("number", "1", "input `x` is a string, not of type number"),
        ("boolean", 1, "input `x` is a number, not of type boolean"),
        ("array", "ab", "input `x` is a string, not of type array"),
        ("object", [], "input `x` is a list, not of type object"),
        ("null", 0, "input `x` is a number, not of type null"),
        (["string", "null"], 1, "input `x` is a number, not of type string or null"),
        ("string", b"x", "input `x` is a Python bytes, not of type string"),
    ],
)
def test_a_value_of_another_type(type_: object, value: object, message: str) -> None:
    with pytest.raises(InputTypeError) as caught:
        check({"x": {"type": type_}})({"x": value})

    assert str(caught.value) == f"demo: {message}"


def test_an_untyped_input_may_be_anything() -> None:
    assert check({"x": True})({"x": [1, {"a": None}]}) == {"x": [1, {"a": None}]}


def test_choices_are_compared_as_json() -> None:
    checked = check({"x": {"enum": ["a", 1, None]}})

    assert [checked({"x": value})["x"] for value in ("a", 1, 1.0, None)] == ["a", 1, 1.0, None]
    for value in ("b", True, 0, []):
        with pytest.raises(InputTypeError, match="input `x` is none of `a`, `1`, `None`"):
            checked({"x": value})


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"properties": {"x": {"type": "strng"}}}, r"`inputs\.properties\.x\.type` is 'strng'"),
        ({"properties": {"x": {"type": [["a"]]}}}, r"`inputs\.properties\.x\.type` is a list"),
        ({"properties": {"x": {"type": 1}}}, r"`inputs\.properties\.x\.type` is a number"),
        ({"properties": {"x": {"enum": 1}}}, r"`inputs\.properties\.x\.enum` is a number"),
        ({"properties": {"x": 1}}, r"`inputs\.properties\.x` is a number"),
        ({"properties": []}, r"`inputs\.properties` is a list"),
        ({"properties": {}, "required": "x"}, r"`inputs\.required` is a string"),
        ({"properties": {}, "required": [1]}, r"`inputs\.required` is a number"),
        ({"properties": {}, "required": ["x"]}, r"`inputs\.required` names `x`, which is no"),
    ],
)
def test_a_schema_that_is_wrong(schema: dict[str, Any], problem: str) -> None:
    with pytest.raises(FormatError, match=problem) as caught:
        InputCheck(schema, prompt="demo", where="pin.json")

    assert caught.value.where == "pin.json"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
properties = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, unique=True),
        "enum": st.lists(values, min_size=1, max_size=3),
    },
)


@given(
    st.dictionaries(st.sampled_from("abcd"), properties, max_size=3),
    st.dictionaries(st.sampled_from("abcd"), values, max_size=3),
    st.data(),
)
def test_it_judges_as_a_json_schema_validator_does(
    described: dict[str, Any], inputs: dict[str, Any], data: st.DataObject
) -> None:
    required = (
        data.draw(st.lists(st.sampled_from(sorted(described)), unique=True)) if described else []
    )
    schema = {
        "type": "object",
        "properties": described,
        "required": required,
        "additionalProperties": False,
    }
    judge = jsonschema.Draft7Validator(schema)
    try:
        given_back = InputCheck(schema, prompt="demo", where="pin.json")(dict(inputs))
    except InputError:
        assert not judge.is_valid(inputs)
    else:
        assert judge.is_valid(inputs)
        assert {name: given_back[name] for name in inputs} == inputs
