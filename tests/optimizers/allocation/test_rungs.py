from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.allocation.rungs import halving, runs_taken, successive_rejects

sizes = st.integers(1, 40)


@given(sizes, st.integers(1, 8), st.integers(0, 2000), st.integers(1, 200))
def test_halving_stays_within_its_calls(candidates, keep, calls, cases):
    rungs = halving(candidates, keep, calls, cases)
    assert runs_taken(rungs) <= calls
    assert all(rung.cases <= cases for rung in rungs)
    assert [r.cases for r in rungs] == sorted(r.cases for r in rungs)
    if rungs:
        assert rungs[-1].keep == keep
    for before, after in itertools.pairwise(rungs):
        assert after.alive == before.keep


@given(sizes, st.integers(0, 2000), st.integers(1, 200), st.integers(0, 10))
def test_rejects_stay_within_their_calls(candidates, calls, cases, done):
    done = min(done, cases)
    rungs = successive_rejects(candidates, calls, cases, done=done)
    assert runs_taken(rungs, done=done) <= calls
    if rungs:
        assert rungs[-1].keep == 1


def test_halving_by_hand():
    rungs = halving(16, 4, 160, 40)
    assert [(r.alive, r.cases, r.keep) for r in rungs] == [(16, 5, 8), (8, 15, 4)]


def test_the_last_two_get_the_most_cases():
    rungs = successive_rejects(4, 120, 60)
    assert [r.alive for r in rungs] == [4, 3, 2]
    assert rungs[0].cases < rungs[-1].cases
