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


@pytest.mark.parametrize("ref", ["http://127.0.0.1:9/x.json", "#/definitions/none"])
def test_no_reference_is_fetched(ref):
    with pytest.raises(ConfigError, match="which is not in it"):
        judged("json_schema", None, {}, schema={"$ref": ref})


def test_a_reference_into_the_schema_works():
    schema = {"definitions": {"n": {"type": "integer"}}, "$ref": "#/definitions/n"}
    assert judged("json_schema", None, 3, schema=schema).value == 1
