from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.search.sampling import evenly_spaced, poisson, softmax

scores = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(scores, st.floats(0.01, 5))
def test_chances_follow_the_values(values, temperature):
    chances = softmax(values, temperature)
    assert sum(chances) == pytest.approx(1)
    order = sorted(range(len(values)), key=values.__getitem__)
    assert [chances[i] for i in order] == sorted(chances)


def test_a_low_temperature_picks_the_best():
    assert softmax([0.2, 0.5, 0.4], 0.001)[1] == pytest.approx(1)
    assert softmax([0.5, 0.7], 0.2)[1] == pytest.approx(1 / (1 + 2.718281828**-1))


@pytest.mark.parametrize("mean", [0.0, 0.25, 1.0, 4.0])
def test_a_poisson_number_has_its_mean_and_variance(mean):
    rng = random.Random(0)
    drawn = [poisson(mean, rng) for _ in range(4000)]
    average = sum(drawn) / len(drawn)
    assert average == pytest.approx(mean, abs=0.1)
    assert sum((x - average) ** 2 for x in drawn) / len(drawn) == pytest.approx(mean, abs=0.3)


@given(st.integers(0, 40), st.integers(0, 12))
def test_items_are_spread_from_the_first_to_the_last(items, count):
    chosen = evenly_spaced(range(items), count)
    assert len(chosen) == len(set(chosen)) == min(items, count)
    assert chosen == sorted(chosen)
    if chosen and count > 1:
        assert (chosen[0], chosen[-1]) == (0, items - 1)
        gaps = [b - a for a, b in itertools.pairwise(chosen)]
        assert max(gaps, default=0) - min(gaps, default=0) <= 1
