"""The operators of ``auto`` on examples."""

from __future__ import annotations

from landrace.optimizers.strategies.auto.showing import worst

GRADED = [("a", 0.0), ("b", 0.1), ("c", 0.9), ("d", 0.98)]


def test_where_nearly_every_answer_has_some_marks_the_worst_are_the_mistakes():
    assert worst(GRADED, 2) == ["a", "b"]
    assert worst(GRADED, 9) == ["a", "b", "c", "d"]


def test_of_answers_that_are_as_bad_none_is_passed_over():
    assert worst([(name, 0.0) for name in "abcd"], 1) == ["a", "b", "c", "d"]
    assert worst([], 2) == []
