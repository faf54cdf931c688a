from __future__ import annotations

import pytest
from metric_samples import judged


def test_ratio_is_graded():
    score = judged("similarity", "kitten", "sitting")
    assert score.value == pytest.approx(8 / 13)
    assert score.feedback == 'expected "kitten", got "sitting" (0.62 alike)'


def test_the_best_of_a_list_counts():
    assert judged("similarity", ["dog", "cat"], "cat").value == 1


def test_methods_differ():
    assert judged("similarity", "red blue", "blue red").value < 1
    assert judged("similarity", "red", "a red hat", method="partial_ratio").value == 1
    assert judged("similarity", "red blue", "blue red", method="token_set_ratio").value == 1


def test_case():
    assert judged("similarity", "RED", "red").value == 0
    assert judged("similarity", "RED", "red", ignore_case=True).value == 1


@pytest.mark.parametrize("method", ["ratio", "partial_ratio", "WRatio"])
def test_an_endless_answer_is_cut(method):
    assert 0 <= judged("similarity", "red " * 50, "der " * 10**6, method=method).value <= 1
