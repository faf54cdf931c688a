from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.stats import Mean, around_weighted_mean, mean_interval, weighted
from landrace.stats.proportions import wilson
from landrace.stats.unseen import unseen

binary = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=60)
graded = st.lists(st.floats(0, 1), min_size=1, max_size=12)
cases = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1000, exclude_min=True)), min_size=1, max_size=12
)


def weighted_mean(pairs):
    scores, weights = np.array(pairs).T
    return float(np.average(scores, weights=weights / weights.max()))


@given(st.one_of(binary, graded), st.sampled_from([0.6, 0.95, 0.9999]))
def test_a_mean_lies_in_its_interval_and_both_on_the_scale(scores, confidence):
    interval = Mean(scores).interval(confidence)
    assert 0 <= interval.low <= interval.mean + 1e-9
    assert interval.mean - 1e-9 <= interval.high <= 1


@given(binary)
def test_right_or_wrong_has_wilsons_interval(scores):
    found = Mean(scores)
    assert found.method == "Wilson interval"
    assert found.interval(0.95)[1:] == pytest.approx(wilson(int(sum(scores)), len(scores), 0.95))


def test_no_scores_have_no_mean():
    with pytest.raises(ValueError, match="no scores"):
        Mean([])


def test_a_constant_is_not_certain():
    """Three perfect answers do not prove a perfect prompt."""
    interval = mean_interval([0.5, 0.5, 0.5])
    assert interval.low < 0.2
    assert interval.high > 0.8


def test_measures_of_calls_are_neither_cut_to_the_scale_of_scores_nor_shares():
    tokens = Mean([120.0, 180.0, 150.0, 140.0] * 5, bounded=False).interval(0.95)
    assert 120 < tokens.low < tokens.mean == 147.5 < tokens.high < 180
    ones = Mean([1.0, 0.0, 1.0], bounded=False)
    assert ones.method == "BCa bootstrap interval"
    assert ones.interval(0.95).high > 1


@given(cases)
def test_both_ways_of_weighting_have_the_weighted_mean(pairs):
    scores, weights = zip(*pairs, strict=True)
    for found in (weighted(scores, weights), around_weighted_mean(scores, weights)):
        assert sum(found) / len(found) == pytest.approx(weighted_mean(pairs), abs=1e-9)


@given(graded, st.floats(0.1, 1000))
def test_equal_weights_change_nothing(scores, weight):
    weights = [weight] * len(scores)
    assert weighted(scores, weights) == pytest.approx(scores, abs=1e-12)
    assert around_weighted_mean(scores, weights) == pytest.approx(scores, abs=1e-12)


@given(st.integers(1, 5))
def test_weights_next_to_nothing_do_not_vanish(count):
    """The smallest number there is, as a weight of every case, is a weight of one."""
    assert weighted([0.25] * count, [5e-324] * count) == [0.25] * count


@given(cases)
def test_ties_stay_ties_under_weights(pairs):
    scores, weights = zip(*pairs, strict=True)
    assert weighted([0.0] * len(scores), weights) == [0.0] * len(scores)


def test_thirty_right_answers_of_unequal_weight_are_worth_fewer():
    """By Kish they count as 24, and the fifteen heavy ones may hide a little more than that."""
    mean, low, high = mean_interval([1.0] * 30, weights=[1.0, 3.0] * 15)
    assert (mean, high) == pytest.approx((1, 1))
    assert low == pytest.approx(1 - 0.75 * unseen(15, 0.95))
    assert low < wilson(24, 24, 0.95)[0] < wilson(30, 30, 0.95)[0]


def test_a_weighted_means_interval_covers_it():
    """95 % intervals cover a true weighted mean in 93 to 98 % of 400 draws.

    Heavy cases are hard: their products with the score vary less than the mean does.
    """
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(400):
        weights = rng.choice([1.0, 4.0], 60)
        scores = np.where(weights > 1, 0.2, 0.8) + rng.uniform(-0.1, 0.1, 60)
        low, high = mean_interval(list(scores), weights=list(weights))[1:]
        covered += low <= (4 * 0.2 + 0.8) / 5 <= high
    assert 0.93 <= covered / 400 <= 0.98
