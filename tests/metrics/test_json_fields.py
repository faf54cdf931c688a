from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metric_samples import judged, make
from pydantic import ValidationError

EXPECTED = {"product": "pump", "order": None, "urgent": False, "count": 1}


def test_each_field_counts_alike():
    answer = {"product": "light", "order": None, "urgent": False, "count": 1}
    score = judged("json_fields", EXPECTED, answer)
    assert score.value == 0.75
    assert score.feedback == 'product: expected "pump", got "light"'


def test_a_missing_field_is_not_null():
    score = judged("json_fields", EXPECTED, {"product": "pump", "urgent": False, "count": 1})
    assert score.feedback == "order: missing, expected null"


def test_truth_values_and_numbers_differ():
    score = judged("json_fields", EXPECTED, {**EXPECTED, "urgent": 0, "count": True})
    assert score.feedback == "urgent: expected false, got 0; count: expected 1, got true"


def test_weights():
    answer = {**EXPECTED, "product": "light", "count": 2}
    weights = {"product": 3, "count": 0}
    assert judged("json_fields", EXPECTED, answer, fields=weights).value == pytest.approx(2 / 5)
    assert "all of its fields weigh 0" in make("json_fields", fields={"a": 0}).check_expected(
        {"a": 1}
    )


def test_a_weight_has_a_bound():
    """So that sums of weights have one."""
    with pytest.raises(ValidationError, match="less than or equal to 1000000"):
        make("json_fields", fields={"a": 1e308, "b": 1e308})
    assert judged("json_fields", {"a": 1}, {"a": 1}, fields={"a": 1_000_000}).value == 1


def test_extra_fields_count_only_when_penalised():
    answer = {**EXPECTED, "note": "x"}
    assert judged("json_fields", EXPECTED, answer).value == 1
    score = judged("json_fields", EXPECTED, answer, extra="penalise")
    assert score.value == pytest.approx(4 / 5)
    assert score.feedback == 'note: not expected, got "x"'


@pytest.mark.parametrize(
    ("options", "want", "got", "value"),
    [
        ({}, "A", "a", 0),
        ({"ignore_case": True}, ["A", {"b": "C"}], ["a", {"b": "c"}], 1),
        ({}, [1, 2], [2, 1], 0),
        ({}, [1], [1, 1], 0),
        ({}, {"a": 1}, {"a": 1, "b": 2}, 0),
        ({}, 1, 1.0, 1),
        ({}, 10, 10.4, 0),
        ({"abs_tolerance": 0.5}, 10, 10.4, 1),
        ({"rel_tolerance": 0.1}, 10, 10.4, 1),
        ({}, 0.3, 0.1 + 0.2, 1),
        ({}, 1e308, -1e308, 0),
        ({}, 4915112345678, 4915112349999, 0),
        ({}, 1234567890, 1234567891.0, 0),
        ({"rel_tolerance": 0}, 2**53 + 1, 2**53, 0),
        ({"rel_tolerance": 0.01}, 1234567890, 1234567891, 1),
        ({"rel_tolerance": 0.5}, 100, 199, 0),
        ({"rel_tolerance": 0.5}, 199, 100, 1),
        ({}, None, "null", 0),
    ],
)
def test_values(options, want, got, value):
    assert judged("json_fields", {"x": want}, {"x": got}, **options).value == value


def test_a_text_answer_is_parsed_and_must_be_an_object():
    assert judged("json_fields", {"a": 1}, 'Sure: {"a": 1}').value == 1
    assert judged("json_fields", {"a": 1}, "[1]").feedback == ('expected a JSON object, got "[1]"')


def test_feedback_stops_after_some_fields():
    expected = {f"f{i}": i for i in range(12)}
    assert judged("json_fields", expected, {}).feedback.endswith("; and 4 more")


def test_a_made_up_name_is_quoted_so_that_it_can_be_written():
    score = judged("json_fields", {"a": 1}, {"a": 1, "\ud83d\n": 2}, extra="penalise")
    assert score.feedback == r"?\n: not expected, got 2"


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
OBJECTS = st.dictionaries(
    st.text(), st.recursive(LEAVES, st.lists, max_leaves=4), min_size=1, max_size=5
)


@given(OBJECTS)
def test_the_expected_object_itself_scores_one(expected):
    assert judged("json_fields", expected, expected, extra="penalise").value == 1
