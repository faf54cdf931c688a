from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.strategies.auto import Options, least, shares
from landrace.optimizers.strategies.auto.plan import open_cases, pool_size, questions, slice_size
from landrace.optimizers.strategy import Sizes

OPTIONS = Options()


@given(
    st.integers(0, 20_000),
    st.builds(
        Sizes,
        search=st.integers(1, 500),
        select=st.integers(8, 500),
        holdout=st.integers(8, 500),
        rivals=st.integers(1, 2),
        nodes=st.integers(1, 5),
    ),
    st.builds(Options, shorten=st.booleans()),
)
def test_the_stages_share_what_there_is_and_no_more(calls, sizes, options):
    found = shares(options, sizes, calls)
    assert ("shorten" in found) is options.shorten
    assert min(found.values()) >= 0
    assert sum(found.values()) == calls


@given(st.integers(8, 300), st.integers(1, 2))
def test_the_least_pays_for_a_winner_scored_on_all_of_select(select, rivals):
    sizes = Sizes(search=100, select=select, holdout=20, rivals=rivals)
    found = shares(OPTIONS, sizes, least(OPTIONS, sizes))
    assert found["screen"] + found["crown"] >= select
    assert found["screen"] > 0


@pytest.mark.parametrize(("calls", "loops"), [(100, False), (300, True), (1000, True)])
def test_a_hundred_calls_are_for_one_round_and_hundreds_for_generations(calls, loops):
    sizes = Sizes(search=40, select=20, holdout=20, rivals=1)
    assert ("breed" in shares(OPTIONS, sizes, calls)) is loops


def test_most_of_ten_thousand_calls_goes_to_generations():
    sizes = Sizes(search=100, select=60, holdout=60, rivals=1)
    found = shares(OPTIONS, sizes, 10_000)
    assert found["breed"] > 5_000
    assert found["screen"] > found["crown"]


@pytest.mark.parametrize(("runs", "asked"), [(0, 4), (200, 5), (10_000, 16)])
def test_more_runs_ask_for_more_instructions(runs, asked):
    assert questions(OPTIONS, runs) == asked


@pytest.mark.parametrize(("runs", "size"), [(0, 4), (100, 15), (9000, 48)])
def test_the_pool_is_as_wide_as_runs_can_tell_apart(runs, size):
    assert pool_size(OPTIONS, runs, 20) == size


@pytest.mark.parametrize(
    ("scores", "cases", "size"),
    [
        ([0.0, 1.0] * 8, 60, 25),
        ([0.0, 1.0] * 8, 18, 18),
        ([1.0] * 16, 60, 10),
        ([1.0] * 14 + [0.0] * 2, 60, 11),
        ([], 60, 30),
    ],
)
def test_a_slice_is_the_larger_the_more_scores_vary(scores, cases, size):
    assert slice_size(scores, cases) == size


@pytest.mark.parametrize("select", [1, 2, 3])
def test_breeding_has_a_case_to_go_by_however_few_there_are(select):
    assert 1 <= open_cases(select) <= select
