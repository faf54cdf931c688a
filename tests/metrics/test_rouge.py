from __future__ import annotations

import pytest
from metric_samples import judged, make


def test_rouge_l_keeps_the_order():
    # The longest common sequence has 2 of 3 words on both sides.
    assert judged("rouge", "one two three", "two one three").value == pytest.approx(2 / 3)
    assert judged("rouge", "one two three", "two one three", kind="rouge1").value == 1


def test_letters_outside_english_count():
    assert judged("rouge", "кот сидит", "Кот сидит").value == 1
    assert judged("rouge", "кот сидит", "пёс сидит", stem=True).value == pytest.approx(0.5)


def test_marks_are_part_of_words():
    assert judged("rouge", "लड़का", "लड़की").value == 0
    assert judged("rouge", "caf\u00e9 noir", "cafe\u0301 noir").value == 1


def test_stems():
    assert judged("rouge", "cats running", "cat runs").value == 0
    assert judged("rouge", "cats running", "cat runs", stem=True).value == 1


def test_rouge2_needs_two_words():
    assert "two words" in make("rouge", kind="rouge2").check_expected("one")


def test_feedback_quotes_the_best_reference():
    score = judged("rouge", ["red fox", "blue fox"], "blue whale")
    assert score.feedback == 'expected "blue fox", got "blue whale"'


def test_an_endless_answer_is_cut():
    assert judged("rouge", "a b " * 600, "a " * 10**5).value < 1
