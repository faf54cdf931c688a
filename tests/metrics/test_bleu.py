from __future__ import annotations

from metric_samples import judged

REFERENCE = "The quick brown fox jumps over the lazy dog."


def test_more_shared_runs_score_higher():
    near = judged("bleu", REFERENCE, "The quick brown fox leaps over the lazy dog.").value
    far = judged("bleu", REFERENCE, "A dog was jumped over by some fox.").value
    assert 0 < far < near < 1


def test_a_short_answer_equal_to_a_short_reference_is_perfect():
    assert judged("bleu", "Yes", "Yes").value == 1


def test_all_references_count_together():
    assert judged("bleu", ["a red car", "the blue car"], "the blue car").value == 1


def test_chrf_gives_credit_for_inflection():
    assert judged("bleu", "jumping", "jumped").value == 0
    assert judged("bleu", "jumping", "jumped", kind="chrf").value > 0.2


def test_case_and_feedback():
    assert judged("bleu", "YES", "yes", ignore_case=True).value == 1
    assert judged("bleu", ["YES", "NO"], "maybe").feedback == 'expected "YES" or "NO", got "maybe"'


def test_an_endless_answer_is_cut():
    assert judged("bleu", REFERENCE, "fox " * 10**6).value < 0.1
