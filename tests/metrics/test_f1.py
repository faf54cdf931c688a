from __future__ import annotations

import pytest
from metric_samples import judged


def test_case_punctuation_and_articles_do_not_count():
    assert judged("f1", "The U.S. cat", "us, cat!").value == 1


def test_it_is_the_harmonic_mean_over_tokens():
    # 2 of 3 wanted tokens, 2 of 4 given ones.
    assert judged("f1", "red green blue", "red red green gold").value == pytest.approx(4 / 7)


def test_the_best_reference_counts():
    assert judged("f1", ["red", "blue sky"], "sky blue").value == 1


def test_feedback_names_what_is_missing_and_what_is_too_much():
    assert judged("f1", "red green", "red gold").feedback == (
        'expected "red green", got "red gold"; missing: green; too much: gold'
    )


def test_an_empty_answer_scores_zero():
    assert judged("f1", "red", "").value == 0
