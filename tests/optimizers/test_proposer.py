"""What asking a proposer comes to: a new draw each time, a whole answer, or nothing and why."""

from __future__ import annotations

import pytest

from landrace.errors import BudgetExhaustedError, CallError, ModelError, OutageError
from landrace.gateway.base import Completion
from landrace.gateway.scripted import ScriptedGateway
from landrace.schemas.pipeline import Budget, ModelConfig
from sammo_world import SOURCE, records_of, scribe, study_of
from strategy_world import pupil, question, run, task


def ask(study, **options):
    return study.ask("reword", text="Say red.", how="Say it in other words.", **options)


def told(folder):
    """Why there was no proposal."""
    return [record["reason"] for record in records_of(folder, "no proposal")]


def asked(folder, **changes):
    """The request that a question comes to."""
    seen = []

    def model(request):
        seen.append(request)
        return "Say blue."

    with study_of(folder, model, **changes) as study:
        ask(study, max_tokens=100, temperature=0.5)
    (request,) = seen
    return request


def test_the_same_question_is_a_new_draw(tmp_path):
    with study_of(tmp_path) as study:
        answers = [ask(study) for _ in range(3)]
        another = study.ask("reword", text="Say red.", how="")
        assert study.proposer_calls == 4
    said = "<instruction>Say red or blue, version {}.</instruction>"
    assert [*answers, another] == [said.format(draw) for draw in (0, 1, 2, 0)]


def test_a_proposers_own_parameters_come_first(tmp_path):
    assert asked(tmp_path / "a").params == {"temperature": 0.5, "max_tokens": 100}
    own = ModelConfig(id="fake/scribe", params={"temperature": 0.1, "top_p": 0.9})
    params = asked(tmp_path / "b", proposer=own).params
    assert params == {"temperature": 0.1, "top_p": 0.9, "max_tokens": 100}


def test_a_proposers_own_limit_takes_the_place_of_the_questions(tmp_path):
    own = ModelConfig(id="fake/scribe", params={"max_completion_tokens": 4000})
    params = asked(tmp_path, proposer=own).params
    assert params == {"temperature": 0.5, "max_completion_tokens": 4000}


def test_it_may_answer_longer_where_instructions_are_long(tmp_path):
    source = SOURCE.replace("Say which", f"{'Mind the hints. ' * 200}Say which")
    assert asked(tmp_path, source=source).params["max_tokens"] > 250


def test_what_it_cannot_pay_is_not_asked(tmp_path):
    with study_of(tmp_path, calls=1) as study:
        assert ask(study)
        with pytest.raises(BudgetExhaustedError):
            ask(study)
        assert study.proposer_calls == 1


def test_a_call_that_failed_is_no_proposal(tmp_path):
    with study_of(tmp_path, lambda _request: CallError("not this one")) as study:
        assert ask(study) is None
        assert study.proposer_calls == 1
    (reason,) = told(tmp_path)
    assert "not this one" in reason


@pytest.mark.parametrize("error", [ModelError("there is no such model"), OutageError("away")])
def test_a_call_that_no_other_can_follow_ends_the_search(tmp_path, error):
    with study_of(tmp_path, lambda _request: error) as study, pytest.raises(type(error)):
        ask(study)
    assert not told(tmp_path)


@pytest.mark.parametrize(
    ("said", "whole", "kept"),
    [
        ("<instruction>Say blue.</instruction> It is sh", False, True),
        ("<instruction>Say blue.</instruction> It is sh", True, False),
        ("<instruction>Say bl", False, False),
    ],
)
def test_of_an_answer_that_was_cut_off_what_is_finished_is_kept(tmp_path, said, whole, kept):
    with study_of(tmp_path, lambda _request: Completion(said, "length")) as study:
        assert ask(study, whole=whole) == (said if kept else None)
    assert told(tmp_path) == ([] if kept else ["cut off"])


def test_half_an_instruction_is_no_candidate(tmp_path):
    def model(request):
        if question(request) is None:
            return Completion("<instruction>Say red or blue, in style", "length")
        return pupil(request)

    ran = run(task("gepa", budget=Budget(calls=200)), tmp_path, gateway=ScriptedGateway(model))
    kinds = [record["kind"] for record in ran.records]
    assert kinds.count("candidate") == 1
    reasons = {record["reason"] for record in ran.records if record["kind"] == "no proposal"}
    assert "cut off" in reasons


def test_half_a_character_is_marked_as_such(tmp_path):
    with study_of(tmp_path, lambda _request: "Say \ud83d blue \U0001f600.") as study:
        assert ask(study) == "Say \ufffd blue \U0001f600."


def test_a_study_without_a_proposer_asks_none(tmp_path):
    with study_of(tmp_path, scribe, proposer=None) as study:
        study.evaluate([study.base], study.search[:1])
        assert study.proposer_calls == 0
