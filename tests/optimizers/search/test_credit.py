from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.search.credit import Observation, additive_fit, points, standings

EASY, HARD = {"easy": 1.0, "easy too": 1.0}, {"hard": 0.0, "hard too": 0.0}


def _values(observations, credit):
    return {point.choice: point.value for point in points(observations, credit)}


def test_luck_of_the_draw_cancels_in_residuals_and_not_in_means():
    observations = [
        Observation((0,), {**EASY, **HARD}, is_full=True),
        Observation((1,), EASY),
        Observation((2,), HARD),
    ]
    assert _values(observations, "means")[1,] > _values(observations, "means")[2,]
    residuals = _values(observations, "residuals")
    assert residuals[1,] == pytest.approx(residuals[2,])


def test_a_full_evaluation_is_no_point_among_minibatches():
    observations = [Observation((0,), EASY), Observation((0,), {**EASY, **HARD}, is_full=True)]
    assert len(points(observations, "residuals")) == 1
    assert [point.value for point in points(observations, "means")] == [1.0, 0.5]


def test_the_trials_of_a_choice_are_one_point():
    observations = [Observation((0,), EASY), Observation((1,), EASY), Observation((0,), HARD)]
    assert [point.choice for point in points(observations, "residuals")] == [(0,), (1,)]
    assert [point.choice for point in points(observations, "means")] == [(0,), (1,), (0,)]


def test_few_cases_are_believed_less_than_many():
    many = {str(case): 1.0 for case in range(40)}
    base = dict.fromkeys(many, 0.5)
    observations = [
        Observation((0,), base),
        Observation((1,), many),
        Observation((2,), {"0": 1.0}),
    ]
    values = _values(observations, "residuals")
    assert values[1,] > values[2,] > values[0,]


def test_without_a_prior_few_cases_are_believed_as_they_are():
    observations = [Observation((0,), {"a": 0.0, "b": 0.0}), Observation((1,), {"a": 1.0})]
    assert [p.value for p in points(observations, "residuals", prior=0)] == pytest.approx(
        [-0.5, 0.5], abs=1e-6
    )
    believed = standings(observations, "residuals", prior=0)
    assert believed[1,] - believed[0,] == pytest.approx(1.0, abs=1e-6)


def test_nothing_met_is_nothing_known():
    assert points([Observation((0,), {})], "residuals") == []
    assert points([], "means") == []


@given(
    effects=st.lists(st.floats(-0.4, 0.4), min_size=2, max_size=5),
    levels=st.lists(st.floats(0, 1), min_size=2, max_size=6),
)
def test_an_additive_table_is_taken_apart_exactly(effects, levels):
    rows = {
        (number,): {str(case): effect + level for case, level in enumerate(levels)}
        for number, effect in enumerate(effects)
    }
    found, cases = additive_fit(rows)
    for choice, scores in rows.items():
        for case, score in scores.items():
            assert found[choice] + cases[case] == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("credit", ["residuals", "means"])
def test_standings_are_scores(credit):
    half = {**EASY, **HARD}
    observations = [Observation((0,), half), Observation((1,), {**half, "hard": 1.0})]
    found = standings(observations, credit)
    assert 0.5 <= found[0,] < found[1,] <= 0.75
