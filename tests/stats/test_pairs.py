from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from landrace.stats import Pairs, paired
from landrace.stats.pairs import MANY
from landrace.stats.proportions import tango

right_or_wrong = st.sampled_from([0.0, 1.0])
sides = st.one_of(
    st.lists(st.tuples(right_or_wrong, right_or_wrong), min_size=1, max_size=60),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=14),
)


def both(pairs):
    one, other = zip(*pairs, strict=True)
    return list(one), list(other)


@given(sides, st.sampled_from([0.6, 0.95, 0.9999]))
def test_every_number_is_one_and_the_interval_holds_the_difference(pairs, confidence):
    found = paired(*both(pairs), confidence)
    assert np.isfinite([found.difference, found.low, found.high, found.p]).all()
    assert -1 <= found.low <= found.difference + 1e-9
    assert found.difference - 1e-9 <= found.high <= 1
    assert 0 < found.p <= 1
    assert found.wins + found.losses + found.ties == len(pairs)


@given(st.lists(st.tuples(right_or_wrong, right_or_wrong), min_size=1, max_size=80))
def test_swapping_the_sides_mirrors_the_result(pairs):
    one, other = both(pairs)
    forth, back = paired(one, other), paired(other, one)
    assert forth.difference == pytest.approx(-back.difference)
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low), abs=1e-9)
    assert forth.p == pytest.approx(back.p)
    assert (forth.wins, forth.losses) == (back.losses, back.wins)


def test_the_sign_test_is_the_exact_binomial():
    one, other = [1.0] * 9 + [0.0] * 2 + [1.0] * 20, [0.0] * 9 + [1.0] * 2 + [1.0] * 20
    result = paired(one, other)
    assert (result.wins, result.losses, result.ties) == (9, 2, 20)
    assert result.p == pytest.approx(binomtest(9, 11).pvalue)
    assert (result.low, result.high) == tango(9, 2, 31, 0.95)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=9))
def test_sign_flips_are_the_full_enumeration_for_few_pairs(differences):
    rounded = [round(difference, 2) for difference in differences]
    sums = [
        sum(sign * difference for sign, difference in zip(signs, rounded, strict=True))
        for signs in product((1, -1), repeat=len(rounded))
    ]
    expected = np.mean([abs(total) >= abs(sum(rounded)) - 1e-9 for total in sums])
    found = Pairs([max(0.0, d) for d in rounded], [max(0.0, -d) for d in rounded])
    if not found.binary:
        assert found.p == pytest.approx(expected)


def test_drawn_sign_flips_are_near_the_enumeration():
    """Twenty pairs are drawn, not enumerated; here a million flips are."""
    differences = np.random.default_rng(4).normal(-0.1, 0.2, 20)
    signs = 1 - 2 * ((np.arange(2**20)[:, None] >> np.arange(20)) & 1).astype(np.float32)
    every = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-6
    found = Pairs(list(0.5 + differences / 2), list(0.5 - differences / 2))
    assert found.p == pytest.approx(every.mean(), abs=0.006)


def test_many_pairs_are_compared_by_the_normal_test():
    rng = np.random.default_rng(8)
    one, other = rng.random(MANY + 500), rng.random(MANY + 500)
    few = Pairs(list(one[:MANY]), list(other[:MANY]))
    many = Pairs(list(one), list(other))
    assert 0 < few.p < 1
    z = (one - other).sum() / np.sqrt(((one - other) ** 2).sum())
    assert many.p == pytest.approx(2 * (1 - _phi(abs(z))), abs=1e-6)


def _phi(z):
    from math import erf

    return 0.5 * (1 + erf(z / np.sqrt(2)))


def test_equal_sides_are_no_evidence():
    result = paired([0.3, 0.5, 1.0], [0.3, 0.5, 1.0])
    assert result.p == 1.0
    assert result.low < 0 < result.high


def test_graded_ties_tell_what_binary_ones_do():
    """Thirty answers word for word the same: how they are scored says nothing more."""
    equal = [0.3, 0.5, 1.0] * 10
    assert paired(equal, equal)[:7] == paired([1.0] * 30, [1.0] * 30)[:7]


def test_noise_of_floats_is_a_tie():
    result = paired([0.1 + 0.2, 0.5], [0.3, 0.5])
    assert (result.wins, result.losses, result.ties) == (0, 0, 2)


@pytest.mark.parametrize(("one", "other"), [([], []), ([1.0], [1.0, 0.0])])
def test_what_cannot_be_paired_is_an_error(one, other):
    with pytest.raises(ValueError, match="cannot pair"):
        paired(one, other)


def test_the_same_scores_give_the_same_numbers():
    rng = np.random.default_rng(5)
    one, other = rng.random(40), rng.random(40)
    assert paired(list(one), list(other)) == paired(list(one), list(other))


def test_measures_of_calls_may_differ_by_more_than_all_of_a_score():
    shares = Pairs([3.0, 4.0, 5.0, 3.5] * 3, [1.0] * 12, bounded=False)
    low, high = shares.interval(0.95)[1:]
    assert 1 < low < shares.mean < high


def test_measures_that_never_differ_are_known_to_be_the_same():
    """Prompt tokens of an unchanged template, or the price of an embedded model."""
    free = Pairs([0.0] * 5, [0.0] * 5, bounded=False)
    assert not free.binary
    assert free.interval(0.99) == (0, 0, 0)
    assert free.p == 1


@pytest.mark.parametrize(
    ("one", "other", "noise"),
    [
        ([1.0, 0, 0, 0], [0, 1.0, 1.0, 0], 3 / 5),  # one pair cancels out, and the pseudo-pair
        ([0.0] * 9, [0.0] * 9, 1 / 10),
        ([0.5, 0.7], [0.4, 0.2], 0.08),
        ([0.5], [0.4], 0.0),
    ],
)
def test_noise_is_the_variance_without_the_drop(one, other, noise):
    assert Pairs(one, other).noise == pytest.approx(noise)


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
