"""What fits a budget by the peers' own arithmetic: all of it is used, and never more."""

from __future__ import annotations

import pytest
from benchmarks.peers.runners.fit import (
    FEWEST_CASES,
    LEAST_BATCH,
    SHOTS,
    bootstrap_calls,
    bootstrap_candidates,
    capo_size,
    evo_size,
    opro_cases,
    simba_size,
)
from hypothesis import given
from hypothesis import strategies as st

budgets = st.integers(100, 20_000)


@given(budget=budgets, val=st.integers(5, 300))
def test_random_search_tries_as_many_as_fit(budget: int, val: int):
    found = bootstrap_candidates(budget, val, most=16)
    assert 0 <= found <= 16
    if found:
        assert bootstrap_calls(found, val) <= budget
    if found < 16:
        assert bootstrap_calls(found + 1, val) > budget


@given(budget=budgets, cases=st.integers(16, 500))
def test_a_search_of_simba_fits_and_has_a_batch_to_draw(budget: int, cases: int):
    size = simba_size(budget, cases)
    assert LEAST_BATCH <= size.batch <= size.train <= cases
    smallest = size.batch == LEAST_BATCH and size.steps == 1
    assert size.calls <= budget or smallest


def test_simba_keeps_its_defaults_where_they_fit():
    size = simba_size(10_000, 300)
    assert (size.batch, size.steps, size.train) == (32, 8, 300)


@pytest.mark.parametrize(("budget", "calls"), [(300, 298), (600, 591), (2000, 1984)])
def test_simba_spends_nearly_all_of_a_small_budget(budget: int, calls: int):
    assert simba_size(budget, 120).calls == calls


@given(budget=st.integers(200, 20_000), cases=st.integers(24, 500))
def test_a_first_race_of_capo_leaves_half_of_the_budget(budget: int, cases: int):
    size = capo_size(budget, cases)
    assert 5 <= size.population <= 10
    assert size.shown >= SHOTS
    assert size.train + size.shown <= cases
    assert size.train >= 3 * size.block >= 3
    assert size.first_step <= budget // 2


def test_capo_has_its_papers_settings_where_they_fit():
    size = capo_size(20_000, 500)
    assert (size.population, size.block, size.train) == (10, 30, 450)


@given(budget=st.integers(200, 20_000), cases=st.integers(24, 500))
def test_an_evolution_fits(budget: int, cases: int):
    size = evo_size(budget, cases)
    assert size.calls <= budget
    assert size.population >= 4, "its differential way draws three others"
    assert 1 <= size.train <= cases


def test_an_evolution_has_its_papers_settings_where_they_fit():
    assert evo_size(6000, 50)[:2] == (10, 10)
    assert evo_size(600, 120) == (6, 4, 20)


@given(budget=st.integers(200, 20_000), cases=st.integers(24, 500))
def test_opro_has_cases_for_three_steps_at_least(budget: int, cases: int):
    train = opro_cases(budget, cases, 8)
    assert 1 <= train <= cases
    assert train * (1 + 3 * 8) <= budget
    if budget >= FEWEST_CASES * (1 + 10 * 8):
        assert train >= FEWEST_CASES
