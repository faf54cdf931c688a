from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.schemas.gate_policy import GatePolicy
from landrace.workflows.gating.looks import FEWEST, can_vary, planned_looks

COLD, WARM = {"temperature": 0}, {"temperature": 0.7}


def sizes(cases, params=COLD, **policy):
    return [
        (look.cases, look.repeats) for look in planned_looks(cases, GatePolicy(**policy), params)
    ]


def test_half_and_then_all():
    assert sizes(101) == [(51, 1), (101, 1)]


def test_repeats_follow_where_the_model_can_vary():
    assert sizes(100, WARM) == [(50, 1), (100, 1), (100, 2), (100, 3)]
    assert sizes(100, WARM, repeats=1) == [(50, 1), (100, 1)]


def test_a_share_of_too_few_cases_is_no_look():
    assert sizes(2 * FEWEST - 2) == [(2 * FEWEST - 2, 1)]
    assert sizes(2 * FEWEST) == [(FEWEST, 1), (2 * FEWEST, 1)]


def test_shares_that_come_to_the_same_size_are_one_look():
    assert sizes(30, looks=(0.9, 0.95, 1)) == [(27, 1), (29, 1), (30, 1)]
    assert sizes(21, looks=(0.98, 0.99, 1)) == [(21, 1)]


def test_without_cases_there_is_nothing_to_look_at():
    assert sizes(0) == sizes(0, WARM) == []


@pytest.mark.parametrize(
    ("params", "varies"), [({}, True), (COLD, False), ({"temperature": 0.0}, False), (WARM, True)]
)
def test_what_can_vary(params, varies):
    assert can_vary(params) is varies


@given(
    cases=st.integers(1, 5000),
    shares=st.sets(st.floats(0.01, 0.99), max_size=9),
    repeats=st.integers(1, 20),
    confidence=st.floats(0.51, 0.999),
    params=st.sampled_from([COLD, WARM]),
)
def test_looks_grow_to_all_and_share_the_chance_of_error(
    cases, shares, repeats, confidence, params
):
    policy = GatePolicy(looks=(*sorted(shares), 1), repeats=repeats, confidence=confidence)
    looks = planned_looks(cases, policy, params)
    answers = [look.cases * look.repeats for look in looks]
    assert answers == sorted(set(answers))
    assert answers[-1] == cases * (repeats if params is WARM else 1)
    assert all(look.error > 0 for look in looks)
    assert sum(look.error for look in looks) <= 1 - confidence + 1e-12
