from __future__ import annotations

import re

import pytest
from gate_examples import FAILED, OPEN, cell, claim, scores, unknown
from hypothesis import assume, given
from hypothesis import strategies as st

from landrace.reports.gate import story


def warned(verdict, metric="latency_s"):
    return claim(verdict, metric=metric, severity="warning")


def test_the_claim_shown_first_is_the_blocker_that_decides():
    decider = claim("INCONCLUSIVE", metric="decides")
    found = cell("INCONCLUSIVE", (claim("PASS"), warned("INCONCLUSIVE"), decider))
    assert story.decisive(found) is decider


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ((claim("PASS"), claim("PASS", metric="other")), "score"),  # a break failed the cell
        ((warned("FAIL"), claim("PASS")), "score"),
        ((warned("PASS"),), "latency_s"),
        ((), None),
    ],
)
def test_without_such_a_claim_the_first_blocker_is_shown(claims, shown):
    found = story.decisive(cell("FAIL", claims))
    assert (found and found.metric) == shown


@pytest.mark.parametrize(
    ("metric", "base", "head", "shown"),
    [
        ("score", 0.8125, 0.82, "81.2 → 82.0"),
        ("prompt_tokens", 96.4, 241.7, "96.4 → 242"),
        ("cost_usd", 0.0000312, 0.002, "$0.0000312 → $0.00200"),
        ("latency_s", 0.5, 1.234, "0.50 s → 1.23 s"),
        ("score", None, None, "–"),
    ],
)
def test_means_are_in_the_metrics_own_unit(metric, base, head, shown):
    assert story.sides(claim(metric=metric, base=base, head=head)) == shown


@pytest.mark.parametrize(
    ("changes", "shown", "allowed"),
    [
        ({}, "+0.8 [-3.0, +4.9]", "5.0"),
        ({"metric": "prompt_tokens", "direction": "lower"}, "+0.8 % [-3.0, +4.9]", "5.0 %"),
        ({"kind": "floor", "head": 0.82, "difference": 0.02}, "+2.0 [-3.0, +4.9]", "≥ 80.0"),
        (
            {"kind": "floor", "direction": "lower", "head": 0.2, "difference": 0.3},
            "+30.0 [-3.0, +4.9]",
            "≤ 50.0",
        ),
        (
            {
                "kind": "floor", "metric": "prompt_tokens", "direction": "lower", "head": 130.0,
                "difference": 20.0, "low": -5.5, "high": 45.5,
            },
            "+20.0 [-5.5, +45.5]",
            "≤ 150",
        ),
        (
            {
                "kind": "floor", "metric": "cost_usd", "direction": "lower", "head": 0.012,
                "difference": -0.002, "low": -0.003, "high": 0.0,
            },
            "-$0.00200 [-$0.00300, $0]",
            "≤ $0.0100",
        ),
    ],
)  # fmt: skip
def test_differences_and_what_is_allowed(changes, shown, allowed):
    found = claim("INCONCLUSIVE", **changes)
    assert story.difference(found) == shown
    assert story.allowed(found) == allowed


def numbers(text):
    return [float(number) for number in re.findall(r"[-+]?\d+\.\d+", text)]


@given(
    st.sampled_from(["PASS", "FAIL"]),
    st.sampled_from([0.0, 0.05, 0.0333, 0.125]),
    st.integers(1, 2000),
    st.sampled_from(["score", "prompt_tokens"]),
)
def test_what_is_printed_does_not_contradict_the_verdict(verdict, allowed, millionths, metric):
    """Passed by a hair must not read as "-5.0, and 5.0 may be lost"."""
    off = millionths / 1e6
    low = round(-allowed + off, 6) if verdict == "PASS" else -0.9
    high = 0.9 if verdict == "PASS" else round(-allowed - off, 6)
    found = claim(verdict, metric=metric, allowed=allowed, difference=0.0, low=low, high=high)
    _, shown_low, shown_high = numbers(story.difference(found))
    (margin,) = numbers(story.allowed(found))
    assert shown_low > -margin if verdict == "PASS" else shown_high < -margin


@given(st.floats(-1, 1), st.floats(0, 0.5))
def test_what_cannot_be_told_is_not_printed_as_a_pass(low, allowed):
    assume(low <= -allowed)
    found = claim("INCONCLUSIVE", low=round(low, 6), high=0.9, allowed=round(allowed, 6))
    shown = numbers(story.difference(found))
    assert shown[1] <= -numbers(story.allowed(found))[0]


def test_usually_one_decimal_is_enough():
    assert story.difference(FAILED) == "-18.0 [-25.9, -10.7]"


def test_a_claim_without_numbers_tells_why():
    assert story.evidence(unknown()) == "not every call tells its cost_usd"
    assert story.power(unknown()) == ""
    assert story.evidence(OPEN) == "83.3 → 80.0, -3.3 [-16.1, +7.8], allowed 5.0"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cases_needed": None}, "128 cases: detects drops from 9.3 on"),
        ({"cases_needed": None, "metric": "latency_s"}, "128 cases: detects drops from 9.3 % on"),
        (
            {"cases": 1, "cases_needed": None, "detectable": None},
            "1 case: no drop could fail with so few cases",
        ),
        ({"kind": "floor"}, ""),
    ],
)
def test_power(changes, said):
    assert story.power(claim(**changes)) == said


def test_power_tells_how_many_cases_it_takes():
    needs = "an unchanged prompt passes for the allowed 5.0 with about 141 cases"
    assert story.power(claim()).endswith(f"; {needs}")


def test_cases_by_what_happened_to_them():
    found = cell(scores=scores((1, 0), (0, 1), (None, 0), (1, None), (1, 1), flaky={1, 4}))
    assert story.worse(found) == ["case-0"]
    assert story.flaky(found) == ["case-1", "case-4"]


@pytest.mark.parametrize(
    ("count", "more"), [(0, ""), (10, ""), (11, " and 1 more"), (2000, " and 1,990 more")]
)
def test_ten_are_named(count, more):
    names = [str(number) for number in range(count)]
    assert story.named(names) == (names[:10], more)
