from __future__ import annotations

import pytest
from metric_samples import judged, make
from pydantic import ValidationError

from landrace.errors import ConfigError
from landrace.schemas.score import Score

SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "tags": {"items": {"type": "string"}}},
    "required": ["n"],
    "additionalProperties": False,
}
MULTIPLE = {"multipleOf": 0.01}


def test_a_text_answer_is_parsed():
    assert judged("json_schema", None, 'Here: {"n": 1}', schema=SCHEMA).value == 1


def test_a_text_may_be_the_value_itself():
    assert judged("json_schema", None, "yes", schema={"type": "string"}).value == 1


def test_feedback_says_where_the_errors_are():
    score = judged("json_schema", None, {"n": "x", "tags": ["a", 2]}, schema=SCHEMA)
    assert score.value == 0
    assert score.feedback == "n: 'x' is not of type 'integer'; tags.1: 2 is not of type 'string'"


def test_feedback_lists_the_first_errors_only():
    score = judged("json_schema", None, list("abcdefg"), schema={"items": {"type": "null"}})
    assert score.feedback.endswith("; and 2 more")


def test_a_whole_number_without_bound_is_a_misfit_and_no_error():
    score = judged("json_schema", None, {"n": 10**400}, schema={"properties": {"n": MULTIPLE}})
    assert score == Score(0.0, "the whole answer: it holds too large a number")


def test_prose_is_no_json():
    assert judged("json_schema", None, "no", schema=SCHEMA).feedback == 'expected JSON, got "no"'


def test_the_expected_schema_serves_where_there_is_no_option():
    assert judged("json_schema", {"type": "array"}, "[1]").value == 1
    assert "it is no JSON Schema" in make("json_schema").check_expected({"type": "nonsense"})


def test_a_bad_schema_is_told_on_load():
    with pytest.raises(ValidationError, match="it is no JSON Schema"):
        make("json_schema", schema={"type": 3})


@pytest.mark.parametrize("named", [3, None, ["a"], {}])
def test_a_schema_of_something_that_is_no_text_is_none(named):
    schema = {"$schema": named, "type": "string"}
    with pytest.raises(ValidationError, match=r"it is no JSON Schema: \$schema: .* is no text"):
        make("json_schema", schema=schema)
    assert "is no text" in make("json_schema").check_expected(schema)


NEW = "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1:9/x.json"},
        {"$ref": "#/definitions/none"},
        {"properties": {"a": {"items": {"$ref": "#/definitions/none"}}}},
        {"$ref": "#/definitions/n", "definitions": {"n": {"items": {"$ref": "#none"}}}},
        {"$schema": NEW, "$defs": {"n": {"anyOf": [{"$ref": "#/definitions/none"}]}}},
    ],
    ids=str,
)
def test_a_reference_to_what_is_not_in_the_schema_is_told_on_load(schema):
    with pytest.raises(ValidationError, match="which is not in it"):
        make("json_schema", schema=schema)
    assert "which is not in it" in make("json_schema").check_expected(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"properties": {"a": {"$ref": "#/properties/a"}}},
        {"$ref": "#/definitions/a", "definitions": {"a": {"$ref": "#"}}},
    ],
    ids=str,
)
def test_a_reference_that_leads_back_to_itself_is_told_on_load(schema):
    with pytest.raises(ValidationError, match="leads back to the reference"):
        make("json_schema", schema=schema)


def test_a_schema_that_never_ends_is_an_error_of_the_schema():
    with pytest.raises(ConfigError, match="refers to itself for ever"):
        judged("json_schema", None, {}, schema={"allOf": [{"$ref": "#"}]})


@pytest.mark.parametrize(
    "schema",
    [
        {"definitions": {"n": {"type": "integer"}}, "$ref": "#/definitions/n"},
        {"anyOf": [{"type": "integer"}, {"items": {"$ref": "#"}}]},
        {"$id": "http://x.y/z/", "definitions": {"n": {"$id": "n"}}, "not": {"not": {"$ref": "n"}}},
        {"$schema": NEW, "$defs": {"n": {"$anchor": "n"}}, "allOf": [{"$ref": "#n"}]},
        {"not": {"$ref": "http://json-schema.org/draft-07/schema#"}},
        {"not": {"$ref": NEW}},
        {"const": 3, "examples": [{"$ref": "#none"}], "properties": {"$ref": {"type": "string"}}},
        {"$schema": "http://x.y/unknown", "properties": {"a": {"$schema": "http://x.y/other"}}},
    ],
    ids=str,
)
def test_other_references_work(schema):
    assert judged("json_schema", None, 3, schema=schema).value == 1


def test_a_schema_of_a_case_is_no_answer():
    schema = {"type": "object"}
    assert make("json_schema").right_answer(schema) is None
    assert make("json_schema").wanted(schema) == 'JSON that fits the schema {"type": "object"}'
    assert make("json_schema", schema=schema).right_answer({"a": 1}) == {"a": 1}
