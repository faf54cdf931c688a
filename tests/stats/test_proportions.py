"""The score interval against the test that it inverts, written out with other means."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom, binomtest, multinomial, norm

from landrace.stats.proportions import sign_test, tango, wilson

CONFIDENCES = (0.6, 0.8, 0.95, 0.99, 0.9975, 0.99999)
confidences = st.sampled_from(CONFIDENCES)
tables = st.tuples(st.integers(0, 25), st.integers(0, 25), st.integers(0, 25)).filter(any)


def refused(wins, losses, n, difference, confidence, *, skewed):
    """Whether the score test refuses a true difference; its nuisance is found by search."""

    def surprise(loss):
        chances = (difference + loss, loss, 1 - difference - 2 * loss)
        counts = (wins, losses, n - wins - losses)
        return -sum(k * math.log(max(p, 1e-300)) for k, p in zip(counts, chances, strict=True) if k)

    least, most = max(0.0, -difference), (1 - difference) / 2
    loss = minimize_scalar(surprise, bounds=(least, most), options={"xatol": 1e-9}).x
    chances = {1: difference + loss, -1: loss, 0: 1 - difference - 2 * loss}
    variance = sum(p * (value - difference) ** 2 for value, p in chances.items())
    third = sum(p * (value - difference) ** 3 for value, p in chances.items())
    z = (wins - losses - n * difference) / math.sqrt(n * variance)
    side = math.copysign(1, z)
    critical = norm.ppf(0.5 + confidence / 2)
    if skewed:
        skewness = third / variance**1.5 / math.sqrt(n)
        critical += max(0.0, side * skewness / 6 * (critical**2 - 1))
    return abs(z) > critical


def by_search(wins, losses, n, confidence, *, skewed, steps=400):
    """The interval as the ends of what a grid of tests does not refuse."""
    grid = np.linspace(-1, 1, steps + 1)[1:-1]
    kept = [d for d in grid if not refused(wins, losses, n, d, confidence, skewed=skewed)]
    return min(kept), max(kept)


@pytest.mark.parametrize(
    ("wins", "losses", "n", "confidence"),
    [
        (0, 0, 30, 0.95),
        (0, 5, 30, 0.95),
        (5, 0, 30, 0.9975),
        (2, 9, 40, 0.95),
        (12, 3, 15, 0.99),
        (0, 20, 20, 0.95),
        (1, 7, 21, 0.8),
        (30, 31, 61, 0.95),
    ],
)
def test_the_interval_is_what_the_score_test_does_not_refuse(wins, losses, n, confidence):
    low, high = tango(wins, losses, n, confidence)
    least, most = by_search(wins, losses, n, confidence, skewed=True)
    assert low - 1e-6 <= least <= low + 0.005
    assert high - 0.005 <= most <= high + 1e-6


def test_the_plain_part_is_the_published_one():
    """Bentur et al. 2009 in Fagerland, Lydersen and Laake 2014: 1 against 7 of 21."""
    plain = by_search(1, 7, 21, 0.95, skewed=False, steps=4000)
    assert plain == pytest.approx((-0.517, -0.026), abs=6e-4)
    low, high = tango(1, 7, 21, 0.95)
    assert low < plain[0]  # the tail of losses is the longer one
    assert high == pytest.approx(-0.026, abs=6e-4)


def test_many_pairs_have_the_interval_of_the_textbook():
    """Agresti's approval ratings: 86 against 150 of 1,600, where every method agrees."""
    assert tango(86, 150, 1600, 0.95) == pytest.approx((-0.059, -0.021), abs=5e-4)


@given(tables, confidences)
def test_the_interval_holds_the_estimate_and_keeps_to_the_scale(table, confidence):
    wins, losses, _ = table
    n = sum(table)
    low, high = tango(wins, losses, n, confidence)
    assert -1 <= low <= (wins - losses) / n + 1e-9
    assert (wins - losses) / n - 1e-9 <= high <= 1


@given(tables, confidences)
def test_swapping_wins_and_losses_mirrors_the_interval(table, confidence):
    wins, losses, _ = table
    low, high = tango(wins, losses, sum(table), confidence)
    assert tango(losses, wins, sum(table), confidence) == pytest.approx((-high, -low), abs=1e-8)


@given(tables)
def test_more_confidence_never_shortens_the_interval(table):
    wins, losses, _ = table
    ends = [tango(wins, losses, sum(table), confidence) for confidence in CONFIDENCES]
    for narrow, wide in pairwise(ends):
        assert wide[0] <= narrow[0] + 1e-9
        assert wide[1] >= narrow[1] - 1e-9


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.floats(0.001, 0.3))
def test_what_the_exact_test_tells_apart_the_interval_does_as_well(wins, losses, ties, error):
    n = wins + losses + ties
    if n and sign_test(wins, losses) < error:
        low, high = tango(wins, losses, n, 1 - error)
        assert low > 0 if wins > losses else high < 0


@pytest.mark.parametrize("confidence", [1 - 1e-12, 1.0])
def test_certainty_is_the_whole_scale_and_no_error(confidence):
    low, high = tango(0, 3, 10, confidence)
    assert -1 <= low < -0.9
    assert 0.4 < high <= 1


@given(st.integers(0, 80), st.integers(0, 80))
def test_the_sign_test_is_the_exact_binomial(wins, losses):
    n = wins + losses
    assert sign_test(wins, losses) == pytest.approx(binomtest(wins, n).pvalue if n else 1.0)


@given(st.integers(0, 50), st.integers(1, 50), st.sampled_from(CONFIDENCES[1:]))
def test_a_shares_interval_is_wilsons_but_for_the_longer_tail(successes, n, confidence):
    """A lower limit above one half and an upper one below it are the closed form's."""
    successes = min(successes, n)
    share, z = successes / n, norm.ppf(0.5 + confidence / 2)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    least, most = max(0.0, centre - half), min(1.0, centre + half)
    low, high = wilson(successes, n, confidence)
    assert low == pytest.approx(least, abs=1e-8) if least > 0.5 else low <= least + 1e-8
    assert high == pytest.approx(most, abs=1e-8) if most < 0.5 else high >= most - 1e-8


@given(st.integers(0, 50), st.integers(1, 50), confidences)
def test_right_and_wrong_mirror_each_other(right, n, confidence):
    low, high = wilson(min(right, n), n, confidence)
    mirrored = wilson(n - min(right, n), n, confidence)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-8)


@pytest.mark.parametrize("n", [10, 30, 100])
@pytest.mark.parametrize("claims", [1, 5, 20])
def test_a_share_near_one_is_not_missed_by_far_more_often_than_said(n, claims):
    """Exact. Counts jump over a chance, so up to twice it; Wilson's misses .999 up to 70 times."""
    limits = np.array([wilson(right, n, 1 - 0.05 / claims) for right in range(n + 1)])
    for share in np.linspace(0.5, 0.999, 200):
        chances = binom(n, share).pmf(np.arange(n + 1))
        assert chances[limits[:, 1] < share].sum() <= 2.1 * 0.025 / claims
        assert chances[limits[:, 0] > share].sum() <= 2.1 * 0.025 / claims


@cache
def ends(n, confidence, most_wins, most_losses):
    """Both limits for every table that is at all likely."""
    return {
        (wins, losses): tango(wins, losses, n, confidence)
        for wins in range(min(n, most_wins) + 1)
        for losses in range(min(n - wins, most_losses) + 1)
    }


@pytest.mark.parametrize(
    ("n", "allowed", "claims", "wins", "losses"),
    [
        (30, 0.0, 1, 0.1, 0.1),
        (30, 0.05, 1, 0.0, 0.05),
        (30, 0.05, 1, 0.05, 0.1),
        (30, 0.1, 20, 0.01, 0.11),
        (60, 0.1, 1, 0.01, 0.11),
        # What the plain score test refuses 1.05, 1.2 and 1.6 times as often as it says.
        (200, 0.02, 1, 0.0027, 0.0227),
        (200, 0.05, 20, 0.006, 0.056),
        (200, 0.1, 100, 0.001, 0.101),
    ],
)
def test_at_the_margin_neither_side_errs_more_often_than_it_says(n, allowed, claims, wins, losses):
    """Exact, by adding up the chances of every table; a claim may use all of the error."""
    limits = ends(n, 1 - 0.05 / claims, 15, 60)
    tables = np.array([(w, lost, n - w - lost) for w, lost in limits])
    chances = multinomial(n, (wins, losses, 1 - wins - losses)).pmf(tables)
    found = np.array(list(limits.values()))
    assert chances.sum() > 1 - 1e-6
    failed, passed = found[:, 1] < -allowed, found[:, 0] > -allowed
    assert chances[failed].sum() <= 0.04 / claims
    assert chances[passed].sum() <= 0.04 / claims
