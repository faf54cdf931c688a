from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.allocation.bandits import Arm, Pace, estimates, promising, rungs
from landrace.optimizers.allocation.rungs import runs_taken

FIXED = ("uniform", "rejects", "halving")


@given(
    rule=st.sampled_from(FIXED),
    arms=st.integers(1, 40),
    keep=st.integers(1, 8),
    calls=st.integers(-100, 3000),
    cases=st.integers(1, 200),
)
def test_no_rule_passes_its_calls_or_keeps_too_few(rule, arms, keep, calls, cases):
    schedule = rungs(rule, arms, keep, calls, cases)
    assert runs_taken(schedule) <= max(0, calls)
    assert all(0 < rung.cases <= cases and rung.keep >= keep for rung in schedule)
    if schedule:
        assert schedule[0].alive <= arms
        assert schedule[-1].keep == keep


def test_rejects_spend_what_dropping_one_at_a_time_has_saved():
    schedule = rungs("rejects", 32, 4, 2048, 1000)
    assert [rung.keep for rung in schedule] == [*range(31, 3, -1), 4]
    assert 2048 - runs_taken(schedule) < 4


def test_the_five_rules_have_schedules_of_their_own():
    counts = {rule: [r.cases for r in rungs(rule, 8, 2, 160, 60)] for rule in FIXED}
    assert counts["uniform"] == [20]
    assert counts["halving"] == [10, 30]
    assert len(counts["rejects"]) == 7
    assert counts["rejects"] == sorted(counts["rejects"])


def test_arms_that_met_easy_cases_are_not_taken_for_good_ones():
    easy, hard = ["e1", "e2", "e3"], ["h1", "h2", "h3"]
    scores = [
        {**dict.fromkeys(easy, 1.0), **dict.fromkeys(hard, 0.0)},
        dict.fromkeys(easy, 1.0),
        {**dict.fromkeys(hard, 0.0), "h1": 1.0},
        {},
    ]
    whole, lucky, good, unknown = estimates(scores)
    assert good.value > lucky.value
    assert lucky.value == pytest.approx(whole.value, abs=0.1)
    assert unknown == Arm(-math.inf, 0)


def test_what_was_never_tried_comes_first_then_the_bounds_decide():
    arms = [Arm(0.6, 30), Arm(0.5, 3), Arm(-math.inf, 0), Arm(0.1, 30)]
    assert promising("ucb", arms, Pace(arms=2, c=1.0)) == [2, 1]
    assert promising("ucb", arms, Pace(arms=2, c=0.0)) == [2, 0]
    assert promising("ucb-e", arms, Pace(arms=3, c=1.0)) == [2, 1, 0]


def test_ucb_explores_more_the_longer_it_goes_and_ucb_e_does_not():
    arms = [Arm(0.9, 10_000), Arm(0.1, 4)]
    pace = Pace(arms=1, c=0.6)
    assert promising("ucb", arms, pace) == [1]
    assert promising("ucb-e", arms, pace) == [0]
