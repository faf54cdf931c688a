from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from landrace.stats import mean_interval, paired

binary = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=60)
graded = st.lists(st.floats(0, 1), min_size=2, max_size=12)


@given(binary)
def test_a_binary_mean_lies_in_its_interval(scores):
    interval = mean_interval(scores)
    assert 0 <= interval.low <= interval.mean <= interval.high <= 1


@settings(max_examples=25, deadline=None)
@given(graded)
def test_a_graded_mean_lies_in_its_interval(scores):
    interval = mean_interval(scores)
    assert 0 <= interval.low <= interval.mean + 1e-9
    assert interval.mean - 1e-9 <= interval.high <= 1


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0])), min_size=1, max_size=80
    )
)
def test_swapping_the_sides_mirrors_the_result(pairs):
    one, other = zip(*pairs, strict=True)
    forth, back = paired(one, other), paired(other, one)
    assert forth.difference == pytest.approx(-back.difference)
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))
    assert forth.p == pytest.approx(back.p)
    assert (forth.wins, forth.losses) == (back.losses, back.wins)
    assert forth.low <= forth.difference <= forth.high


def test_the_sign_test_is_the_exact_binomial():
    one, other = [1.0] * 9 + [0.0] * 2 + [1.0] * 20, [0.0] * 9 + [1.0] * 2 + [1.0] * 20
    result = paired(one, other)
    assert (result.wins, result.losses, result.ties) == (9, 2, 20)
    assert result.p == pytest.approx(binomtest(9, 11).pvalue)


def test_equal_sides_are_no_evidence():
    result = paired([0.3, 0.5, 1.0], [0.3, 0.5, 1.0])
    assert result.p == 1.0
    assert result.low < 0 < result.high


def test_a_constant_is_not_certain():
    """Three perfect answers do not prove a perfect prompt."""
    interval = mean_interval([0.5, 0.5, 0.5])
    assert interval.low < 0.5 < interval.high


def test_sign_flips_are_exact_for_few_pairs():
    result = paired([0.5, 0.6, 0.7, 0.8], [0.1, 0.1, 0.1, 0.1])
    assert result.p == pytest.approx(2 / 16)


@pytest.mark.parametrize(("one", "other"), [([], []), ([1.0], [1.0, 0.0])])
def test_what_cannot_be_paired_is_an_error(one, other):
    with pytest.raises(ValueError):
        paired(one, other)


def test_the_same_scores_give_the_same_numbers():
    rng = np.random.default_rng(5)
    one, other = rng.random(40), rng.random(40)
    assert paired(list(one), list(other)) == paired(list(one), list(other))


def test_the_paired_interval_keeps_its_level():
    """95 % intervals of a true difference of .1 cover it in 93 to 98 % of 600 draws."""
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(600):
        easy = rng.random(40)
        one = (rng.random(40) < 0.3 + 0.5 * easy + 0.1).astype(float)
        other = (rng.random(40) < 0.3 + 0.5 * easy).astype(float)
        result = paired(list(one), list(other))
        hits += result.low <= 0.1 <= result.high
    assert 0.93 <= hits / 600 <= 0.98
