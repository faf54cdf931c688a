from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metric_samples import judged, make


@pytest.mark.parametrize(
    ("options", "expected", "answer", "value"),
    [
        ({}, "a", " a\n", 1),
        ({"strip": False}, "a", "a ", 0),
        ({}, "Yes", "yes", 0),
        ({"ignore_case": True}, "Yes", "yes", 1),
        ({}, "yes", "**yes**.", 0),
        ({"strip_punctuation": True}, "yes", "**yes**.", 1),
        ({"strip_punctuation": True}, "yes", "\u201cyes\u201d\u3002", 1),
        ({"strip_punctuation": True}, "5", "-5", 0),
        ({"strip_punctuation": True}, "...", "...", 1),
        ({}, "cat", "the cat", 0),
        ({"strip_articles": True}, "The cat", "cat", 1),
        ({"strip_articles": True}, "panther", "anther", 0),
        ({}, "a b", "a\n b", 0),
        ({"collapse_space": True}, "a b", "a\n b", 1),
        ({}, ["x", "y"], "y", 1),
        ({}, 1234, "1,234", 1),
        ({}, 3, "3.0", 1),
        ({}, 3, 3.0, 1),
        ({}, 3, "3 apples", 0),
        ({}, 3, "3.", 1),
        ({"strip": False}, 3, " 3", 1),
        ({}, 1000, "1e3", 1),
        ({}, 15, "1,5", 0),
        ({}, 1234, "12,34", 0),
        ({}, 1000, "1_000", 0),
        ({}, 1234567.5, "1,234,567.5", 1),
        ({"strip_punctuation": True}, 5, ".5", 0),
        ({"strip_punctuation": True}, 0.5, "**.5**", 1),
        ({"strip_punctuation": True}, -0.5, "-.5.", 1),
        ({"strip_punctuation": True}, 5, "...5", 1),
        ({"strip_punctuation": True}, "5", ".5", 0),
        ({}, 12345678901234567, "12345678901234568", 0),
        ({}, 12345678901234567, 12345678901234568, 0),
        ({}, 12345678901234567, "12,345,678,901,234,567.0", 1),
        ({}, 12345678901234568, 12345678901234568.0, 1),
        ({}, 5, "9" * 5000, 0),
        ({}, 1, "true", 0),
        ({}, True, "True", 1),
        ({}, True, True, 1),
        ({}, True, 1, 0),
        ({}, False, "no", 0),
        ({}, "3", 3, 1),
    ],
)
def test_what_counts_as_equal(options, expected, answer, value):
    assert judged("exact_match", expected, answer, **options).value == value


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("The review is negative.", " (the right words, but with more around them)"),
        ("NEGATIVE!", " (the difference is only in case, white space or punctuation)"),
        ("positive", ""),
        ("nonnegative", ""),
        ("", ""),
    ],
)
def test_feedback_names_the_near_miss(answer, hint):
    feedback = judged("exact_match", "negative", answer).feedback
    assert feedback == f'expected "negative", got "{answer}"{hint}'


def test_feedback_is_short_however_long_the_answer():
    feedback = judged("exact_match", ["a", "b", 3], "long\n" * 1000).feedback
    assert feedback.startswith('expected "a" or "b" or 3, got "long\\nlong')
    assert feedback.endswith('…"')
    assert len(feedback) < 250


@given(st.integers(), st.integers(-2, 2), st.booleans())
def test_a_whole_number_is_itself_alone(number, off, as_text):
    answer = number + off
    score = judged("exact_match", number, f"{answer:,}" if as_text else answer)
    assert score.value == (off == 0)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_itself_however_it_is_given(number):
    assert judged("exact_match", number, number).value == 1
    assert judged("exact_match", number, repr(number), strip_punctuation=True).value == 1


@pytest.mark.parametrize("expected", [3, [3, 5], True, [True], "a", ["a", 5]], ids=repr)
def test_the_answer_that_examples_show_is_right(expected):
    answer = make("exact_match").right_answer(expected)
    assert not isinstance(answer, list)
    assert judged("exact_match", expected, answer).value == 1
