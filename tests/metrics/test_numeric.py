from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metric_samples import judged, make


@pytest.mark.parametrize(
    ("options", "expected", "answer", "value"),
    [
        ({}, 0.3, 0.1 + 0.2, 1),
        ({}, 1234, "first 7, then $1,234", 1),
        ({}, "#### 18", "so 18", 1),
        ({}, 18, "17", 0),
        ({}, 1, True, 0),
        ({}, 1234567890, "1234567891", 0),
        ({}, 1234567890, "1234567891.0", 0),
        ({}, 1234567890.5, "1234567890.6", 1),
        ({}, 10**23, "1e23", 1),
        ({"abs_tolerance": 1}, 1234567890, "1234567891", 1),
        ({"rel_tolerance": 1e-8}, 1234567890, "1234567891", 1),
        ({}, "1,5", "2,5", 0),
        ({}, 3.5, "Der Preis beträgt 3,50 €.", 1),
        ({"abs_tolerance": 1}, 18, "17", 1),
        ({"rel_tolerance": 0.1}, -20, "-22", 1),
        ({"rel_tolerance": 0.1}, -20, "-22.1", 0),
        ({"graded": True}, 20, "15", 0.75),
        ({"graded": True}, 20, "-90", 0),
        ({"graded": True}, 0, "0.25", 0.75),
        ({"graded": True}, 1e308, -1e308, 0),
    ],
)
def test_value(options, expected, answer, value):
    assert judged("numeric", expected, answer, **options).value == pytest.approx(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_number_itself_is_always_right(number):
    assert judged("numeric", number, f"It is {number!r}.").value == 1


@pytest.mark.parametrize(
    ("options", "answer", "feedback"),
    [
        ({}, "40", "expected 42, got 40 (2 too low)"),
        ({"abs_tolerance": 0.5}, "44", "expected 42, got 44 (2 too high, 0.5 is allowed)"),
        ({}, "none", 'expected 42, got no number in "none"'),
    ],
)
def test_feedback(options, answer, feedback):
    assert judged("numeric", 42, answer, **options).feedback == feedback


def test_numbers_further_apart_than_a_float_can_hold_are_told_so():
    assert judged("numeric", -(10**308), 10**308).feedback.endswith("(over 1e+308 too high)")


@pytest.mark.parametrize("expected", ["none", float("nan"), 10**400, True])
def test_expected_must_be_a_number_that_a_float_can_hold(expected):
    assert make("numeric").check_expected(expected)
