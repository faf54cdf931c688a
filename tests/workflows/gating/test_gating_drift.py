"""Both suites side by side: the old one decides, and what moved is told apart."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from colours import CONFIG, luck
from landrace.errors import TransientCallError
from landrace.workflows.gating import drift as drift_module
from skill import PUPIL, pupil, word_of, words

JUDGE = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Red is right."}


@pytest.fixture(autouse=True)
def _one_model(world):
    world.pipeline(models=[PUPIL])
    world.commit()


def judging(strict: float):
    """A model and its judge, who gives full marks where the luck of the rubric allows."""

    def answer(request):
        if request.model != "fake/judge":
            return pupil(request)
        system, user = (message.content for message in request.messages)
        red = "red" in user.split("BEGIN answer")[-1]
        kind = "Blue" not in system or luck(user[-60:]) > strict
        return json.dumps({"score": 5 if red and kind else 1, "reason": "x"})

    return answer


def only(run):
    [cell] = run.report.cells
    return cell


def test_an_unchanged_suite_has_no_drift(world):
    world.template(80)
    assert only(world.gate()).drift is None


def test_other_shares_of_splits_show_nothing_that_the_report_does_not(world):
    world.config(splits={"seed": 4})
    world.template(80)
    assert only(world.gate()).drift is None


def test_new_cases_are_asked_on_both_sides_and_do_not_decide(world):
    easy = [word for word in words(300, "easy") if luck(word["id"]) < 0.05]
    assert len(easy) > 8
    world.template(10)
    world.cases(easy)
    cell = only(world.gate())
    assert cell.verdict == "FAIL", "the old cases decide"
    assert cell.drift.changed == ("cases",)
    assert cell.drift.old.base > cell.drift.old.head
    assert (cell.drift.new.base, cell.drift.new.head) == (1, 1)
    assert cell.drift.new.cases == len(easy)
    assert (cell.drift.regraded_cases, cell.drift.refused) == (0, "")


def test_a_case_that_only_head_can_take_shows_head_alone(world):
    properties = {"word": {"type": "string"}, "tone": {"type": "string", "default": "kind"}}
    world.config(inputs={**CONFIG["inputs"], "properties": properties})
    world.repo.write("prompts/colours/prompt.jinja", "skill=50 {{ tone }} {{ word }}\n")
    world.commit()
    properties = {"term": {"type": "string"}}
    world.config(inputs={**CONFIG["inputs"], "properties": properties, "required": ["term"]})
    world.repo.write("prompts/colours/prompt.jinja", "skill=100 {{ term }}\n")
    world.cases([{"id": "a", "inputs": {"term": "a"}, "expected": "red"}])
    cell = only(world.gate())
    assert cell.verdict == "FAIL"
    assert (cell.drift.new.base, cell.drift.new.head, cell.drift.new.cases) == (None, 1, 1)


def test_where_only_the_suite_changed_it_passes_and_the_drift_is_shown(world):
    world.cases([*words(60), *words(20, "more")])
    run = world.gate()
    cell = only(run)
    assert (cell.verdict, cell.claims) == ("PASS", ())
    assert cell.reason == "the model is asked the same on both sides"
    assert (cell.drift.old.cases, cell.drift.new.cases) == (60, 80)
    assert run.gateway.calls == 80, "both sides ask the same, and a case once"


def test_a_changed_metric_regrades_base_without_a_call(world):
    world.repo.write("prompts/colours/prompt.jinja", "skill=60 {{ word }}\n")
    world.commit()
    answers = {word["id"]: "Red!" for word in words(60) if luck(word["id"]) < 0.3}

    def answer(request):
        return answers.get(word_of(request), pupil(request))

    world.config(
        metrics=[{"metric": "exact_match", "ignore_case": True, "strip_punctuation": True}]
    )
    first = world.gate(answer)
    cell = only(first)
    assert first.gateway.calls == 60
    assert cell.drift.changed == ("metrics",)
    assert cell.drift.regraded_cases == 60
    assert cell.drift.regraded_before < cell.drift.regraded_after
    assert world.gate(answer).gateway.calls == 0


def test_drift_of_the_judge_and_drift_of_the_model_are_told_apart(world):
    """The judge got stricter, and head is worse; each shows in figures of its own."""
    world.config(metrics=[JUDGE])
    world.commit()
    world.config(metrics=[{**JUDGE, "rubric": "Red is right. Blue is never."}])
    world.template(60)
    run = world.gate(judging(0.5))
    cell = only(run)
    drift = cell.drift
    assert drift.refused == "", "a rubric is data"
    judged = drift.regraded_after - drift.regraded_before
    models = drift.old.head - drift.old.base
    assert judged < -0.2
    assert models == pytest.approx(cell.claims[0].difference, abs=1e-6)
    assert models < -0.2
    per_model = Counter(request.model for request in run.gateway.requests)
    assert per_model[PUPIL] == 2 * 60, "nothing is asked of the task model for the new judge"
    changed = sum(0.6 <= luck(word["id"]) < 0.9 for word in words(60))
    assert per_model["fake/judge"] == 2 * (60 + changed), "an answer is judged once by each rubric"


def test_a_kinder_judge_does_not_save_a_worse_head(world):
    world.config(metrics=[JUDGE])
    world.commit()
    world.config(metrics=[{**JUDGE, "rubric": "Anything goes."}])
    world.template(20)

    def answer(request):
        if request.model == "fake/judge" and "Anything" in request.messages[0].content:
            return '{"score": 5, "reason": "x"}'
        return judging(0)(request)

    cell = only(world.gate(answer))
    assert cell.verdict == "FAIL"
    assert (cell.drift.new.base, cell.drift.new.head) == (1, 1)


@pytest.mark.parametrize("cause", ["a budget", "an outage"])
def test_drift_that_cannot_be_had_does_not_change_the_verdict(world, cause):
    world.cases(words(60, "other"))
    world.template(5)

    def answer(request):
        if cause == "an outage" and word_of(request).startswith("other"):
            return TransientCallError("503")
        return pupil(request)

    report = world.gate(answer, **({"calls": 80} if cause == "a budget" else {})).report
    assert (report.verdict, report.exit_code) == ("FAIL", 1)
    drift = report.cells[0].drift
    assert drift.new is None
    assert drift.refused


def test_a_suite_of_head_is_asked_in_part_where_it_is_huge(world, monkeypatch):
    monkeypatch.setattr(drift_module, "MOST_CASES", 25)
    world.cases(words(90, "huge"))
    run = world.gate()
    asked = {word_of(request) for request in run.gateway.requests}
    assert sum(word.startswith("huge") for word in asked) == 25
    assert only(run).drift.new.cases == 25


def test_a_pin_is_compared_on_the_holdout_of_the_new_suite_as_well(world):
    world.pin(80)
    world.commit()
    world.pin(70)
    world.cases([*words(60), *words(60, "more")])
    cell = only(world.gate())
    assert cell.split == "holdout"
    assert cell.drift.old.cases == cell.cases < 60
    assert cell.cases < cell.drift.new.cases < 120


def test_the_order_of_sides_does_not_mix_their_outputs(world):
    world.template(60)
    world.cases([*words(60), *words(5, "more")])
    cell = only(world.gate())
    expected = [sum(luck(w["id"]) < skill / 100 for w in words(60)) / 60 for skill in (90, 60)]
    assert [cell.drift.old.base, cell.drift.old.head] == pytest.approx(expected, abs=1e-6)
