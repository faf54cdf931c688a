from __future__ import annotations

from itertools import product

import pytest
from gate_cells import case, cell, pair
from hypothesis import given
from hypothesis import strategies as st

from landrace.gate.guard import breaks, broken_critical


def guarded(*pairs, severe_drop=0.5, error=0.05, all_tags=1):
    found = breaks(cell(*pairs), severe_drop=severe_drop, error=error, all_tags=all_tags)
    return [(one.kind, one.name) for one in found]


def critical(base, head, name="vital"):
    return pair(base, head, case(name, critical=True))


def tagged(base, head, *tags):
    return pair(base, head, case("-".join(tags), tags=list(tags)))


@pytest.mark.parametrize(
    ("base", "head", "broken"),
    [
        (1, 0, True),
        (1, 0.5, True),
        (1, 0.51, False),
        (0.4, 0, False),
        (0, 1, False),
        ([1, 1, 1], [0, 0, 1], True),  # what two of three answers lose
        ([1, 1, 1], [0, 1, 1], False),
        ([], 0, False),  # base's answer is missing, not right
        (1, [], False),  # head's answer is missing, not wrong
    ],
)
def test_a_critical_case_breaks_by_the_severe_drop(base, head, broken):
    assert bool(guarded(critical(base, head))) is broken


def test_other_cases_may_be_lost():
    assert guarded(pair(1, 0, case("plain"))) == []


def test_what_broke_is_named_with_both_scores():
    (found,) = breaks(cell(critical([1, 1], [0, 0.5])), severe_drop=0.5, error=0.05, all_tags=0)
    assert found.reason == "critical, and its score went from 1.00 to 0.25, over 2 answers"


def test_critical_cases_to_ask_again_are_those_that_seem_broken():
    evidence = cell(critical(1, 0, "a"), critical(1, 1, "b"), pair(1, 0, case("c")))
    assert [one.case.id for one in broken_critical(evidence, 0.5)] == ["a"]


def test_a_whole_tag_breaks_and_the_mean_may_hold():
    rest = [pair(0, 1, case(f"won{number}")) for number in range(10)]
    assert guarded(*[tagged(1, 0, "refunds")] * 6, *rest) == [("tag", "refunds")]


@pytest.mark.parametrize(
    "spoiler",
    [
        tagged(1, 1, "refunds"),  # base solves it, head keeps it
        tagged(0, 1, "refunds"),  # head wins one
    ],
)
def test_a_tag_that_is_not_lost_as_a_whole_does_not_break(spoiler):
    assert guarded(*[tagged(1, 0, "refunds")] * 20, spoiler) == []


def test_cases_that_base_fails_do_not_save_a_tag():
    unsolved = tagged(0, 0, "refunds")
    assert guarded(*[tagged(1, 0, "refunds")] * 8, unsolved) == [("tag", "refunds")]


def test_a_case_counts_for_each_of_its_tags():
    both = [tagged(1, 0, "b", "a")] * 8
    assert guarded(*both, all_tags=2) == [("tag", "a"), ("tag", "b")]


@given(st.integers(1, 20), st.sampled_from([0.05, 0.0125, 0.2]), st.integers(0, 40))
def test_luck_breaks_no_tag_more_often_than_its_share_of_the_error(lost, error, all_tags):
    """All of so many coins fall one way with a chance of .5 ** lost: that is what is compared."""
    luck = 0.5**lost
    broken = guarded(*[tagged(1, 0, "t")] * lost, error=error, all_tags=all_tags)
    assert bool(broken) is (luck <= error / 2 / max(1, all_tags))


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=7),
    st.sampled_from([0.2, 0.5, 1.0]),
)
def test_without_a_true_change_no_tag_breaks_more_often_than_said(pairs, severe_drop):
    """Which side a case's two scores belong to is then a coin; every way they fall is tried."""
    broken = 0
    for ways in product((1, -1), repeat=len(pairs)):
        turned = [tagged(*one[::way], "t") for one, way in zip(pairs, ways, strict=True)]
        broken += bool(guarded(*turned, severe_drop=severe_drop, error=0.2))
    assert broken / 2 ** len(pairs) <= 0.1


def test_no_cases_break_nothing():
    assert guarded() == []
