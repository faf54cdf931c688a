"""Detectable drops and numbers of cases against what the intervals do in simulated runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial

from landrace.stats import Pairs
from landrace.stats.bootstrap import MeanBootstrap
from landrace.stats.power import cases_needed, detectable_drop
from landrace.stats.proportions import tango
from landrace.stats.unseen import Weights

noises = st.floats(0.005, 0.5)
errors = st.sampled_from([0.0375 / 20, 0.0375, 0.1])
margins = st.sampled_from([0.0, 0.02, 0.05, 0.1])
kinds = st.booleans()


def share_of_tables(n, chances, confidence, holds):
    """The chance of an interval for which something holds; 20,000 drawn tables."""
    drawn = multinomial(n, (*chances, 1 - sum(chances))).rvs(20_000, random_state=1)
    tables, counts = np.unique(drawn, axis=0, return_counts=True)
    held = [holds(tango(int(w), int(lost), n, confidence)) for w, lost, _ in tables]
    return float(counts[held].sum() / counts.sum())


@pytest.mark.parametrize("cases", [30, 100, 300])
@pytest.mark.parametrize("noise", [0.02, 0.15, 0.3])
@pytest.mark.parametrize(("allowed", "claims"), [(0.0, 1), (0.05, 1), (0.05, 20)])
def test_a_detectable_drop_of_binary_scores_fails_four_times_of_five(cases, noise, allowed, claims):
    error = 0.0375 / claims
    drop = detectable_drop(cases=cases, noise=noise, allowed=allowed, error=error, binary=True)
    if drop is None:
        assert (cases, noise, claims) == (30, 0.3, 20)
        return
    chances = (noise / 2, noise / 2 + drop)
    failed = share_of_tables(cases, chances, 1 - error, lambda ends: ends[1] < -allowed)
    assert 0.79 <= failed <= 0.95


@pytest.mark.parametrize("noise", [0.005, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("allowed", [0.05, 0.1])
def test_the_needed_cases_pass_an_unchanged_prompt_four_times_of_five(noise, allowed):
    """Also where hardly any case changes: then the margin itself asks for its number."""
    needed = cases_needed(noise=noise, allowed=allowed, error=0.0375, binary=True)
    chances = (noise / 2, noise / 2)
    passed = share_of_tables(needed, chances, 0.9625, lambda ends: ends[0] > -allowed)
    assert 0.79 <= passed <= 0.98


def graded(kind, size, rng):
    """Differences without a drop."""
    if kind == "normal":
        return rng.normal(0, 0.25, size)
    if kind == "ties":
        return np.where(rng.random(size) < 0.2, rng.uniform(-0.8, 0.8, size), 0.0)
    return rng.normal(0, 0.02, size)


NOISES = {"normal": 0.0625, "ties": 0.2 * 0.64 / 3, "small": 0.0004}


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize(("cases", "claims"), [(30, 1), (100, 20)])
@pytest.mark.parametrize("breaks", [True, False])
def test_a_detectable_drop_of_graded_scores_fails_about_as_often(kind, cases, claims, breaks):
    """Where cases break, which is what makes a drop hard to see; more often where all lose."""
    error, rng = 0.0375 / claims, np.random.default_rng(6)
    drop = detectable_drop(cases=cases, noise=NOISES[kind], allowed=0.05, error=error, binary=False)
    failed = 0
    for _ in range(200):
        values = graded(kind, cases, rng)
        values = np.where(rng.random(cases) < drop, -1.0, values) if breaks else values - drop
        failed += MeanBootstrap(values, (-1.0, 1.0)).limits(1 - error)[1] < -0.05
    assert 0.75 <= failed / 200 <= (0.95 if breaks else 1.0)


@pytest.mark.parametrize("kind", NOISES)
def test_the_needed_cases_pass_unchanged_graded_scores_about_as_often(kind):
    rng = np.random.default_rng(6)
    needed = cases_needed(noise=NOISES[kind], allowed=0.05, error=0.0375, binary=False)
    ends = (
        MeanBootstrap(graded(kind, needed, rng), (-1.0, 1.0)).limits(0.9625)[0] for _ in range(200)
    )
    assert 0.7 <= sum(low > -0.05 for low in ends) / 200 <= 0.98


@pytest.mark.parametrize("claims", [1, 20])
@pytest.mark.parametrize("heavy", [3.0, 10.0])
def test_a_detectable_drop_of_weighted_scores_fails_four_times_of_five(heavy, claims):
    """One case in ten is heavy, and cases break whatever they weigh."""
    error, rng = 0.0375 / claims, np.random.default_rng(6)
    ten = Weights([heavy] + [1.0] * 9)
    noise = 0.05 * ten.design_effect
    drop = detectable_drop(
        cases=100, noise=noise, allowed=0.05, error=error, binary=True, weights=ten
    )
    failed = 0
    for _ in range(200):
        weights = rng.permutation([heavy] * 10 + [1.0] * 90).tolist()
        base = (rng.random(100) < 0.95).astype(float)
        head = np.where(rng.random(100) < 0.05, 1 - base, base)
        head = np.where(rng.random(100) < drop / 0.95, 0.0, head)
        failed += Pairs(head, base, weights).interval(1 - error).high < -0.05
    assert failed / 200 >= 0.78


def drop_of(**changed):
    usual = {"cases": 100, "noise": 0.15, "allowed": 0.05, "error": 0.0375, "binary": True}
    found = detectable_drop(**(usual | changed))
    return math.inf if found is None else found


def needed_of(**changed):
    usual = {"noise": 0.15, "allowed": 0.05, "error": 0.0375, "binary": True}
    found = cases_needed(**(usual | changed))
    return math.inf if found is None else found


@given(noises, margins, errors, kinds)
def test_more_cases_detect_smaller_drops(noise, allowed, error, binary):
    rest = {"noise": noise, "allowed": allowed, "error": error, "binary": binary}
    found = [drop_of(cases=cases, **rest) for cases in (2, 5, 20, 40, 100, 101, 500, 5000)]
    assert found == sorted(found, reverse=True)


@given(st.integers(2, 2000), noises, margins, kinds)
def test_a_smaller_chance_of_error_detects_larger_drops(cases, noise, allowed, binary):
    rest = {"cases": cases, "noise": noise, "allowed": allowed, "binary": binary}
    found = [drop_of(error=error, **rest) for error in (0.1, 0.0375, 0.001, 1e-5)]
    assert found == sorted(found)


@given(st.integers(50, 2000), errors, margins, kinds)
def test_more_noise_hides_more(cases, error, allowed, binary):
    rest = {"cases": cases, "error": error, "allowed": allowed, "binary": binary}
    noisy = [0.05, 0.1, 0.2, 0.3]
    found = [drop_of(noise=noise, **rest) for noise in noisy]
    assert found == sorted(found)
    found = [needed_of(noise=noise, error=error, binary=binary) for noise in noisy]
    assert found == sorted(found)


@given(noises, errors, kinds)
def test_a_smaller_allowance_needs_more_cases(noise, error, binary):
    rest = {"noise": noise, "error": error, "binary": binary}
    found = [needed_of(allowed=allowed, **rest) for allowed in (0.2, 0.1, 0.05, 0.01)]
    assert found == sorted(found)


@given(st.integers(2, 3000), noises, margins, errors, kinds)
def test_a_detectable_drop_is_more_than_is_allowed_and_no_more_than_all(
    cases, noise, allowed, error, binary
):
    found = detectable_drop(cases=cases, noise=noise, allowed=allowed, error=error, binary=binary)
    assert found is None or allowed < found < 1


@given(errors, kinds)
def test_no_noise_still_needs_as_many_cases_as_show_that_nothing_is_hidden(error, binary):
    """Zero of n prove less than a share of 5 % only from about 59 on at 95 %."""
    needed = cases_needed(noise=0.0, allowed=0.05, error=error, binary=binary)
    assert 0.95**needed < error
    assert 0.95 ** (needed / 2) > error / 2


def test_few_cases_detect_nothing_and_nothing_needs_a_margin():
    assert detectable_drop(cases=3, noise=0.3, allowed=0.05, error=0.001, binary=True) is None
    assert detectable_drop(cases=3, noise=0.3, allowed=0.05, error=0.001, binary=False) is None
    for allowed in (0.0, 5e-324, 1e-9):
        for binary in (True, False):
            assert cases_needed(noise=0.1, allowed=allowed, error=0.05, binary=binary) is None


def test_measures_of_calls_can_rise_by_more_than_all():
    rise = detectable_drop(cases=5, noise=1.0, allowed=0.5, error=0.05, binary=False, bounded=False)
    assert rise > 1.5
    steady = {"noise": 0.0, "allowed": 0.1, "error": 0.05, "binary": False, "bounded": False}
    assert cases_needed(**steady) == 2
    assert detectable_drop(cases=5, **steady) == pytest.approx(0.1)
