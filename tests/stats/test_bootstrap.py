from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap, t

from landrace.stats.bootstrap import MeanBootstrap
from landrace.stats.unseen import unseen

SCORES = (-1.0, 1.0)
CONFIDENCES = (0.6, 0.9, 0.95, 0.999)
samples = st.lists(st.floats(-1, 1), min_size=1, max_size=40).map(np.array)


def skewed(size, seed=3):
    """Most cases change a little, a few lose much."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(size) < 0.2, -rng.random(size), 0.1 * rng.random(size))


@pytest.mark.parametrize("size", [30, 40, 150])
@pytest.mark.parametrize(("confidence", "near"), [(0.6, 0.02), (0.95, 0.02), (0.999, 0.2)])
def test_bca_limits_are_nearly_those_of_resampling(size, confidence, near):
    """The closed form against scipy's resamples, in shares of the interval's width.

    The tenth of 20,000 resamples is not where the tail ends, so there it may lie further out.
    """
    values = skewed(size)
    sample = MeanBootstrap(values, SCORES)
    theirs = bootstrap(
        (values,), np.mean, confidence_level=confidence, method="BCa", rng=7, n_resamples=20_000
    ).confidence_interval
    ours = sample._bca(0.5 - confidence / 2), sample._bca(0.5 + confidence / 2)
    assert ours == pytest.approx(tuple(theirs), abs=near * (theirs.high - theirs.low))


def test_bca_limits_follow_the_skew():
    """The longer tail is on the side of the few that lose much."""
    sample = MeanBootstrap(skewed(40), SCORES)
    mean = skewed(40).mean()
    assert mean - sample._bca(0.025) > 1.2 * (sample._bca(0.975) - mean)


@given(samples, st.sampled_from([1e-9, 1e-4, 0.4, 0.6, 0.9999, 1 - 1e-9]))
def test_bca_limits_stay_among_the_values(values, level):
    """As resampled means do, also at levels of which no number of resamples knows."""
    assume(np.ptp(values) > 1e-6)
    assert values.min() <= MeanBootstrap(values, SCORES)._bca(level) <= values.max()


@given(samples, st.sampled_from(CONFIDENCES))
def test_limits_hold_the_mean_and_are_numbers(values, confidence):
    low, high = MeanBootstrap(values, SCORES).limits(confidence)
    assert np.isfinite([low, high]).all()
    assert low <= values.mean() + 1e-9
    assert high >= values.mean() - 1e-9


@given(samples)
def test_more_confidence_never_shortens_the_interval(values):
    sample = MeanBootstrap(values, SCORES)
    ends = [sample.limits(confidence) for confidence in CONFIDENCES]
    for narrow, wide in pairwise(ends):
        assert wide[0] <= narrow[0] + 1e-12
        assert wide[1] >= narrow[1] - 1e-12


@given(samples)
def test_turning_the_scale_mirrors_the_interval(values):
    low, high = MeanBootstrap(values, SCORES).limits(0.95)
    turned = MeanBootstrap(-values, SCORES).limits(0.95)
    assert turned == pytest.approx((-high, -low), abs=1e-9)


@given(samples)
def test_it_is_never_shorter_than_students_interval(values):
    assume(np.ptp(values) > 1e-6)
    error = values.std(ddof=1) / np.sqrt(values.size)
    least, most = t.interval(0.95, values.size - 1, loc=values.mean(), scale=error)
    low, high = MeanBootstrap(values, SCORES).limits(0.95)
    assert low <= least + 1e-9
    assert high >= most - 1e-9


@pytest.mark.parametrize("value", [0.0, 0.4, -1.0])
def test_a_constant_leaves_room_for_what_was_not_seen(value):
    low, high = MeanBootstrap(np.full(30, value), SCORES).limits(0.95)
    share = unseen(30, 0.95)
    assert low == pytest.approx(value - share * (value + 1))
    assert high == pytest.approx(value + share * (1 - value))


def test_next_to_constant_is_as_uncertain_as_constant():
    """One case that differs by a hair must not turn thirty equal ones into a proof."""
    constant = np.zeros(30)
    nudged = constant.copy()
    nudged[0] = 1e-6
    wide = MeanBootstrap(constant, SCORES).limits(0.95)
    assert MeanBootstrap(nudged, SCORES).limits(0.95) == pytest.approx(wide, abs=1e-5)


def test_one_value_says_next_to_nothing():
    low, high = MeanBootstrap(np.array([0.3]), SCORES).limits(0.95)
    assert low < -0.9
    assert high > 0.9


def test_weighted_values_beyond_the_bounds_are_no_error():
    low, high = MeanBootstrap(np.array([1.5, 1.5, 1.5]), (0.0, 1.0)).limits(0.95)
    assert low < high == 1.5


def test_without_bounds_equal_values_vary_as_if_one_had_been_nought():
    assert MeanBootstrap(np.zeros(30)).limits(0.95) == (0, 0)
    low, high = MeanBootstrap(np.full(30, -0.2)).limits(0.95)
    assert (low, high) == pytest.approx(
        (-0.2 - 0.2 * 2.045 / 30, -0.2 + 0.2 * 2.045 / 30), abs=1e-4
    )
    # Two equal answers of one token more are luck.
    assert MeanBootstrap(np.full(2, -1.0)).limits(0.95)[1] > 0
    assert MeanBootstrap(np.full(1, -1.0)).limits(0.95) == (-np.inf, np.inf)


@settings(max_examples=20)
@given(st.floats(1e-7, 1e7))
def test_dollars_and_tokens_have_the_same_shape_of_interval(scale):
    values = np.random.default_rng(1).gamma(2, 1, 25)
    low, high = MeanBootstrap(values).limits(0.95)
    scaled = MeanBootstrap(values * scale).limits(0.95)
    assert scaled == pytest.approx((low * scale, high * scale))


RARE = 0.0625  # of all cases break, and lose .8: a true difference of -.05


@pytest.mark.parametrize("others", ["noise", "ties"])
def test_rare_breaks_that_no_case_shows_are_not_passed(others):
    """Thirty cases show none with a chance of .14, and then look like no change at all."""
    rng = np.random.default_rng(5)
    passed = covered = 0
    for _ in range(300):
        noise = rng.normal(0, 0.01, 30) * (others == "noise" or rng.random(30) < 0.1)
        values = np.where(rng.random(30) < RARE, -0.8, noise)
        low, high = MeanBootstrap(values, SCORES).limits(0.95)
        passed += low > -0.05
        covered += low <= -0.05 <= high
    assert passed <= 0.025 * 300
    assert covered >= 0.95 * 300


@pytest.mark.parametrize("cases", [30, 100])
def test_it_keeps_its_level_where_scores_change_by_much_and_by_little(cases):
    """Coverage of a 95 % interval, of a mean of -.05, in 400 draws: .93 and more."""
    rng = np.random.default_rng(9)
    covered = 0
    for _ in range(400):
        values = rng.beta(3, 1, cases) - rng.beta(3, 1, cases) - 0.05
        low, high = MeanBootstrap(values, SCORES).limits(0.95)
        covered += low <= -0.05 <= high
    assert 0.93 <= covered / 400 <= 0.99
