from __future__ import annotations

import pytest

from landrace.reports import story
from landrace.schemas.report import Flip
from report_examples import (
    BUDGET_ENDED,
    FIRST_PIN,
    KEPT_NO_HEADROOM,
    MISSING_COVERAGE,
    NOTHING_BETTER,
    PROMOTED,
)


def test_a_promotion_is_told_against_the_incumbent():
    said = story.headline(PROMOTED)
    assert said.verdict == "Promoted"
    assert said.evidence == (
        "+10.8 points [+2.8, +19.3] against the incumbent on 120 held-out cases"
    )


def test_a_first_pin_is_told_against_the_base():
    assert "against the base" in story.headline(FIRST_PIN).evidence


def test_keeping_is_told_by_what_was_kept():
    assert story.headline(KEPT_NO_HEADROOM).verdict == "Kept the incumbent"
    assert story.headline(BUDGET_ENDED) == (
        "Kept the base",
        "",
        "the budget of 300 calls ended before the holdout could be scored",
        "The prompt is pinned as it is written.",
    )


def test_a_reason_loses_its_own_full_stop():
    report = PROMOTED.model_copy(update={"reason": " It is better. "})
    assert story.headline(report).reason == "It is better"


def test_a_compared_case_counts_once():
    assert story.cases_compared(MISSING_COVERAGE.comparisons[1]) == 106


def test_warnings():
    assert story.warnings(PROMOTED) == []
    (looks,) = story.warnings(KEPT_NO_HEADROOM)
    assert "looked at 5 times" in looks
    (coverage,) = story.warnings(MISSING_COVERAGE)
    assert "Only 88.3% of the holdout cases have a score for the winner" in coverage
    (unproved,) = story.warnings(BUDGET_ENDED)
    assert "no proof" in unproved


def _after_falls(winner_fell, base_fell):
    """The report of a winner and a base that lost so many points from select to holdout."""
    fell = {"winner": winner_fell, "base": base_fell, "incumbent": 0.0}
    contenders = tuple(
        one.model_copy(
            update={
                "holdout": one.holdout.model_copy(
                    update={"mean": one.select.mean - fell[one.role] / 100}
                )
            }
        )
        for one in PROMOTED.contenders
    )
    return PROMOTED.model_copy(
        update={"contenders": contenders, "inflation": winner_fell / 100},
    )


@pytest.mark.parametrize(
    ("winner_fell", "base_fell", "told"),
    [
        (27.7, 33.6, "has +33.6 between the same splits: the holdout is harder, and no luck"),
        (27.7, 20.0, "has +20.0 between the same splits: choosing among many"),
        (27.7, 20.0, "candidates added about +7.7 by luck"),
        (4.0, -2.0, "candidates added about +6.0 by luck"),
        (-5.0, -2.0, "has -2.0 between the same splits: no luck of choosing shows"),
        (1.0, 1.0, "has +1.0 between the same splits: the holdout is harder, and no luck"),
    ],
)
def test_luck_is_what_the_winner_fell_more_than_the_base(winner_fell, base_fell, told):
    assert told in story.inflation(_after_falls(winner_fell, base_fell))


def test_without_the_bases_scores_luck_is_not_told_from_a_harder_holdout():
    assert "harder or easier holdout" in story.inflation(KEPT_NO_HEADROOM)


def test_a_search_that_found_nothing_better_has_nothing_to_prove():
    assert story.warnings(NOTHING_BETTER) == []
    assert [story.title(NOTHING_BETTER, one) for one in NOTHING_BETTER.contenders] == [
        "base",
        "incumbent",
        "winner (the incumbent itself)",
    ]


def test_three_looks_are_not_many():
    assert not story.warnings(PROMOTED.model_copy(update={"holdout_looks": 3}))
    assert story.warnings(PROMOTED.model_copy(update={"holdout_looks": 4}))


def test_looks_read_as_words():
    said = [story.looks(PROMOTED.model_copy(update={"holdout_looks": n})) for n in (0, 1, 2)]
    assert said == [
        "The holdout has not been looked at",
        "The holdout has been looked at once so far",
        "The holdout has been looked at 2 times so far",
    ]


def test_flips_are_ordered_by_size_then_name():
    flips = (
        Flip(case_id="c", base=0.2, winner=0.4),
        Flip(case_id="b", base=0.0, winner=1.0),
        Flip(case_id="a", base=0.0, winner=1.0),
        Flip(case_id="d", base=0.9, winner=0.1),
    )
    report = PROMOTED.model_copy(update={"flips": flips})
    assert [flip.case_id for flip in story.won(report)] == ["a", "b", "c"]
    assert [flip.case_id for flip in story.lost(report)] == ["d"]


def test_progress_counts_the_calls_of_stages_without_a_score():
    silent = PROMOTED.stages[0].model_copy(update={"best": None})
    report = PROMOTED.model_copy(update={"stages": (silent, *PROMOTED.stages[1:])})
    assert [(point.stage, point.calls) for point in story.progress(report)] == [
        ("propose", 242),
        ("screen", 554),
        ("breed", 955),
        ("crown", 1041),
        ("shorten", 1112),
    ]


def test_tokens_are_unknown_unless_both_are_known():
    base = PROMOTED.contenders[0]
    assert story.tokens_a_call(base) == 96.4 + 5.2
    assert story.tokens_a_call(base.model_copy(update={"prompt_tokens": None})) is None
    assert story.tokens_a_call(None) is None
