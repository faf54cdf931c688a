from __future__ import annotations

import pytest
from metric_samples import judged


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
