from __future__ import annotations

import pytest
from worlds import cases

from landrace.evaluation.table import ScoreTable
from landrace.schemas.pipeline import Policy
from landrace.schemas.score import Outcome, Score, Usage
from landrace.workflows.conclude import compare, decide, estimate


def table_of(scores: dict[str, list[float]]) -> ScoreTable:
    table = ScoreTable()
    for side, values in scores.items():
        for case, value in zip(cases("c", len(values)), values, strict=True):
            table.add(
                Outcome(
                    side,
                    case.id,
                    0,
                    output="x",
                    answer="x",
                    score=Score(value),
                    usage=Usage(),
                    latency_s=0.0,
                )
            )
    return table


def decision(ours, theirs, saving=0.0, **policy):
    table = table_of({"ours": ours, "theirs": theirs})
    held = cases("c", len(ours))
    comparison = compare(table, "ours", "theirs", held, against="base", confidence=0.95)
    return decide(comparison, saving, Policy(**policy), coverage=1.0)


def test_a_clear_gain_is_promoted():
    assert decision([1.0] * 30 + [0.0] * 10, [1.0] * 10 + [0.0] * 30).promoted


@pytest.mark.parametrize("gain", [0.5, 0.4])
def test_three_graded_wins_among_forty_prove_nothing(gain):
    assert not decision([gain] * 3 + [0.2] * 37, [0.0] * 3 + [0.2] * 37).promoted


def test_an_interval_above_zero_needs_the_exact_test_beside_it():
    gains, lost = [0.84, 0.47, 0.32, 0.73, 0.76], 0.05
    found = decision([*gains, 0.0], [0.0] * 5 + [lost])
    assert found.reason == "on the holdout too few cases differ to tell (p 0.06)"
    assert not found.promoted


def test_a_saving_buys_a_loss_within_the_margin():
    ours, theirs = [1.0] * 95 + [0.0] * 5, [1.0] * 96 + [0.0] * 4
    assert not decision(ours, theirs, saving=0.5).promoted
    assert decision(ours, theirs, saving=0.5, margin=0.1).promoted
    assert not decision(ours, theirs, saving=0.1, margin=0.1).promoted


@pytest.mark.parametrize("won", range(9))
def test_one_more_case_won_never_undoes_a_promotion(won):
    """Three wins of a hundred are within the margin, four above zero by the interval alone."""
    theirs = [0.0] * 8 + [1.0] * 92
    ours = [1.0] * won + [0.0] * (8 - won) + [1.0] * 92
    assert decision(ours, theirs, saving=0.5, margin=0.05).promoted


def test_a_saving_that_may_lose_more_than_the_margin_is_told_so():
    ours, theirs = [1.0] * 90 + [0.0] * 10, [1.0] * 96 + [0.0] * 4
    assert decision(ours, theirs, saving=0.5, margin=0.05).reason == (
        "50% fewer prompt tokens a call, but on the holdout the 95 % interval goes beyond "
        "the margin of 5 points"
    )


@pytest.mark.parametrize(("lost", "where"), [(1, "reaches zero"), (30, "is below zero")])
def test_what_is_worse_for_certain_is_told_from_what_may_be(lost, where):
    reason = decision([0.0] * lost + [1.0] * (40 - lost), [1.0] * 40).reason
    assert reason == f"on the holdout the 95 % interval of the difference {where}"


def test_a_gain_does_not_pay_for_more_growth_than_the_policy_allows():
    ours, theirs = [1.0] * 30 + [0.0] * 10, [1.0] * 10 + [0.0] * 30
    refused = decision(ours, theirs, saving=-2.0, max_growth=2.5)
    assert not refused.promoted
    assert refused.reason == "it takes 3.00 times the prompt tokens a call; the policy allows 2.5"
    assert decision(ours, theirs, saving=-2.0, max_growth=3).promoted


def test_too_little_coverage_is_no_verdict_on_the_prompt():
    table = table_of({"ours": [1.0] * 40, "theirs": [0.0] * 40})
    comparison = compare(table, "ours", "theirs", cases("c", 40), against="base", confidence=0.95)
    verdict = decide(comparison, 0.0, Policy(), coverage=0.8)
    assert not verdict.promoted
    assert "80%" in verdict.reason


def test_heavy_cases_that_did_not_break_are_not_many():
    """Four of two hundred hold half of the weight: a saving is not bought with what they may hide."""
    scores = {"ours": [1.0] * 200, "theirs": [1.0] * 200}
    held = cases("c", 200)
    heavy = tuple(
        case.model_copy(update={"weight": 50.0 if number < 4 else 1.0})
        for number, case in enumerate(held)
    )
    for weighed, promoted in ((held, True), (heavy, False)):
        found = compare(
            table_of(scores), "ours", "theirs", weighed, against="base", confidence=0.95
        )
        assert decide(found, 0.5, Policy(margin=0.05), coverage=1.0).promoted is promoted


def test_weights_count_in_means():
    held = tuple(
        case.model_copy(update={"weight": 3.0 if number == 0 else 1.0})
        for number, case in enumerate(cases("c", 4))
    )
    found = estimate(table_of({"ours": [1.0, 0.0, 0.0, 0.0]}), "ours", held, 0.95)
    assert found.mean == pytest.approx(0.5)
