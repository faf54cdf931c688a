from __future__ import annotations

import pytest

from colours import luck
from landrace.errors import (
    BudgetExhaustedError,
    CallError,
    CallsRefusedError,
    OutageError,
    TransientCallError,
)
from skill import PUPIL, moody, pupil, word_of


def test_each_case_has_its_score_and_no_text(world):
    world.repo.prompt(count=40)
    baseline = world.bless()
    assert [case.id for case in baseline.cases] == sorted(f"word{n}" for n in range(40))
    for case in baseline.cases:
        (answer,) = case.answers
        assert answer.score == float(luck(case.id) * 100 < 90)
    text = baseline.model_dump_json()
    assert "red" not in text
    assert "skill" not in text


def test_scores_come_back_from_a_file_as_equal_as_they_were(world):
    """A digit lost on the way would make a loss of every tie."""
    world.repo.prompt(
        metrics=[{"metric": "f1"}, {"metric": "exact_match", "weight": 2}], output={"type": "text"}
    )
    baseline = world.bless(lambda request: f"red and {word_of(request)}")
    parts = {case.answers[0].parts["f1"] for case in baseline.cases}
    assert parts == {0.5}
    world.repo.template(90, "Other words.")
    cell = world.compare(baseline, lambda request: f"red and {word_of(request)}").cell
    (claim,) = cell.claims
    assert (claim.wins, claim.losses) == (0, 0)


def test_a_model_that_varies_is_asked_as_often_as_a_verdict_may_need(world):
    world.repo.prompt(count=30)
    world.repo.pipeline({"id": PUPIL, "params": {"temperature": 1}}, gate={"repeats": 2})
    baseline = world.bless(moody)
    assert {len(case.answers) for case in baseline.cases} == {2}
    assert any(len({answer.score for answer in case.answers}) == 2 for case in baseline.cases)


def test_measures_are_kept_where_the_policy_asks_for_them(world):
    rules = [{"metric": "score"}, {"metric": "completion_tokens"}]
    world.repo.pipeline(gate={"metrics": rules})
    measures = [answer.measures for case in world.bless().cases for answer in case.answers]
    assert measures == [{"completion_tokens": 2}] * 300


def test_a_case_without_an_answer_is_left_out(world):
    def shy(request):
        return CallError("no") if word_of(request) == "word7" else pupil(request)

    baseline = world.bless(shy)
    assert len(baseline.cases) == 299
    assert "word7" not in {case.id for case in baseline.cases}


def test_an_outage_blesses_nothing(world):
    def out(_request):
        return TransientCallError("503")

    with pytest.raises(OutageError):
        world.bless(out)


@pytest.mark.parametrize(
    ("error", "raised"), [(TransientCallError, OutageError), (CallError, CallsRefusedError)]
)
def test_gaps_that_the_policy_does_not_allow_bless_nothing(world, error, raised):
    def often(request):
        return error("no") if luck("out", word_of(request)) < 0.2 else pupil(request)

    with pytest.raises(raised, match="of 300 cases were answered; the policy asks for 95%"):
        world.bless(often)


def test_a_budget_that_ends_blesses_nothing(world):
    world.repo.pipeline(gate={"budget": {"calls": 100}})
    with pytest.raises(BudgetExhaustedError):
        world.bless()
