from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_rel

from landrace.optimizers.allocation.race import survivors

BINARY = st.sampled_from([0.0, 1.0])
GRADED = st.floats(0, 1).map(lambda value: round(value, 3))


@st.composite
def tables(draw, values=BINARY | GRADED):
    cases = draw(st.integers(1, 12))
    row = st.lists(values, min_size=cases, max_size=cases)
    return draw(st.lists(row, min_size=1, max_size=7))


KEEP = st.integers(1, 8)
ALPHA = st.sampled_from([0.01, 0.05, 0.2, 0.4])


@settings(max_examples=40)
@given(tables(), KEEP, ALPHA)
def test_the_best_means_stay(scores, keep, alpha):
    found = survivors(scores, keep, alpha)
    floor = sorted(map(sum, scores), reverse=True)[:keep][-1]
    assert set(found) >= {n for n, row in enumerate(scores) if sum(row) > floor + 1e-9}
    assert len(found) >= min(keep, len(scores))


@settings(max_examples=40)
@given(tables(), ALPHA)
def test_a_race_for_as_many_places_as_arms_drops_nobody(scores, alpha):
    assert survivors(scores, len(scores), alpha) == list(range(len(scores)))


@settings(max_examples=40)
@given(tables(), KEEP, st.randoms(use_true_random=False))
def test_the_order_of_arms_and_cases_says_nothing(scores, keep, rng):
    arms = rng.sample(range(len(scores)), len(scores))
    cases = rng.sample(range(len(scores[0])), len(scores[0]))
    shuffled = [[scores[arm][case] for case in cases] for arm in arms]
    found = {arms[number] for number in survivors(shuffled, keep, 0.2)}
    assert found == set(survivors(scores, keep, 0.2))


@settings(max_examples=40)
@given(tables(), KEEP)
def test_a_looser_level_never_saves_an_arm(scores, keep):
    assert set(survivors(scores, keep, 0.2)) <= set(survivors(scores, keep, 0.05))


@settings(max_examples=40)
@given(tables(), KEEP)
def test_more_places_never_cost_an_arm_its_own(scores, keep):
    assert set(survivors(scores, keep, 0.2)) <= set(survivors(scores, keep + 1, 0.2))


@settings(max_examples=40)
@given(tables(values=GRADED), ALPHA)
def test_an_arm_is_dropped_by_the_paired_t_test_of_scipy(scores, alpha):
    first, second = scores[0], scores[-1]
    differences = {round(a - b, 6) for a, b in zip(first, second, strict=True)}
    if len(differences) < 2:
        return
    p = ttest_rel(first, second, alternative="greater").pvalue
    if abs(p - alpha) > 1e-6:
        assert (1 not in survivors([first, second], 1, alpha)) == (p < alpha)


@pytest.mark.parametrize(
    ("worse", "cases", "left"), [(0.0, 2, 2), (0.0, 3, 1), (0.95, 2, 2), (0.95, 3, 1), (1.0, 9, 2)]
)
def test_a_constant_difference_is_judged_by_its_sign(worse, cases, left):
    assert len(survivors([[1.0] * cases, [worse] * cases], 1, 0.2)) == left


def test_one_case_drops_nobody():
    assert survivors([[1.0], [0.0]], 1, 0.4) == [0, 1]
