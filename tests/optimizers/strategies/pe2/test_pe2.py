"""What PE2's proposer is asked, and what becomes of its answers."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest
from pydantic import ValidationError

from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.operators.samples import mistakes
from landrace.optimizers.strategies.pe2 import Options, least, litter
from landrace.schemas.pipeline import Budget
from landrace.workflows.open_study import stage_calls
from strategy_world import answer, question, run, style, task

GUESS = "Work out what that instruction says"
EXAMINE, WRITE = "You find out, example by example", "Write the new instruction"


def engineer(more="", styles=6):
    """A proposer with all styles in turn, and a pupil that needs style 2."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is None:
            number = next(numbers) % styles
            return f"<instruction>Say red or blue, in style {number}{more}.</instruction>"
        return answer(word, 0.9 if style(request) == 2 else 0.4)

    return model


def varied():
    """A proposer that never repeats itself, and a pupil that needs style 2."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is not None:
            return answer(word, 0.7 if style(request) == 2 else 0.4)
        number = next(numbers)
        return f"<instruction>Say red or blue, in style {number % 6}, {number}.</instruction>"

    return model


def _asked(ran, needle):
    calls = [r for r in ran.records if r["kind"] == "call"]
    texts = ["\n".join(content for _, content in call["messages"]) for call in calls]
    return [text for text in texts if needle in text]


def _run(path, model=None, *, calls=600, **options):
    return run(task("pe2", options=options, budget=Budget(calls=calls)), path, model or engineer())


def _steps(ran):
    return [r["digests"] for r in ran.records if r["kind"] == "step"]


def test_the_defaults_are_the_papers():
    options = Options()
    assert (options.steps, options.parents, options.proposals, options.initial) == (3, 4, 4, 30)
    assert (options.batch, options.max_words) == (2, 50)
    assert options.backtracking
    assert options.hard_negatives
    assert options.task_description
    assert options.layout_statement
    assert options.reasoning


def _on_select(ran):
    """On how many select cases each candidate was scored."""
    scores = [r for r in ran.records if r["kind"] == "score" and r["case"].startswith("select")]
    return Counter(record["candidate"] for record in scores)


@pytest.mark.parametrize(("allocation", "is_whole"), [("halving", False), ("full", True)])
def test_what_helps_is_found(tmp_path, allocation, is_whole):
    ran = _run(tmp_path, allocation=allocation)
    made = [r["digest"] for r in ran.records if r["kind"] == "candidate"]
    scored = _on_select(ran)
    assert all(scored[digest] == 20 for step in _steps(ran) for digest in step)
    assert all(scored[digest] == 20 for digest in made) == is_whole
    (shortlist,) = (r for r in ran.records if r["kind"] == "shortlist")
    found = [r["slots"] for r in ran.records if r.get("digest") in shortlist["digests"]]
    assert "style 2" in str(found)


def test_the_search_begins_with_guesses_unless_there_shall_be_none(tmp_path):
    assert _asked(_run(tmp_path / "1"), GUESS)
    ran = _run(tmp_path / "2", initial=0)
    assert not _asked(ran, GUESS)
    assert _asked(ran, WRITE)


@pytest.mark.parametrize("allocation", ["halving", "full"])
def test_the_least_budget_is_for_the_question_of_pe2_and_not_for_guesses(tmp_path, allocation):
    cell = task("pe2", options={"allocation": allocation})
    calls = least(cell.options, cell.sizes()) + cell.holdout_calls()
    ran = _run(tmp_path, calls=calls, allocation=allocation)
    assert not _asked(ran, GUESS)
    assert len(_asked(ran, EXAMINE)) == len(_asked(ran, WRITE)) > 0
    assert len(_steps(ran)) == 1


def test_hard_negatives_are_what_the_parent_got_wrong(tmp_path):
    ran = _run(tmp_path, initial=0)
    for text in _asked(ran, EXAMINE):
        assert text.count("The model's answer:") == text.count("Wanted answer:") > 0
        pairs = re.findall(r"The model's answer: (\w+)\nWanted answer: (\w+)", text)
        assert all(said != wanted for said, wanted in pairs)


def _said_and_wanted(text):
    return re.findall(r"The model's answer: (\w+)\nWanted answer: (\w+)", text)


def test_without_hard_negatives_any_of_the_parents_answers_are_shown(tmp_path):
    ran = _run(tmp_path, initial=0, hard_negatives=False)
    pairs = [pair for text in _asked(ran, EXAMINE) for pair in _said_and_wanted(text)]
    assert len(pairs) == 2 * len(_asked(ran, EXAMINE)) > 0
    assert {said == wanted for said, wanted in pairs} == {True, False}
    assert all("1. Is the answer right" in text for text in _asked(ran, EXAMINE))


def test_a_parent_without_mistakes_is_shown_what_it_got_right(tmp_path):
    def model(request):
        word = question(request)
        if word is None:
            return engineer()(request)
        return answer(word, 1.0 if word.startswith("search") else 0.4)

    ran = _run(tmp_path, model, initial=0)
    for text in _asked(ran, EXAMINE):
        pairs = _said_and_wanted(text)
        assert len(pairs) == 2
        assert all(said == wanted for said, wanted in pairs)


@pytest.mark.parametrize(
    ("calls", "options"),
    [
        *((calls, {}) for calls in (400, 440, 510, 620)),
        *((calls, {"allocation": "full"}) for calls in (560, 700, 920, 1500)),
        (400, {"parents": 1, "allocation": "full", "initial": 0}),
        (560, {"allocation": "full", "hard_negatives": False, "batch": 16}),
    ],
)
def test_a_search_spends_its_runs_and_not_more_than_there_are(tmp_path, calls, options):
    cell = task(
        "pe2", options=options, budget=Budget(calls=calls), search=60, select=60, holdout=60
    )
    ran = run(cell, tmp_path, varied())
    assert not [r for r in ran.records if r["kind"] == "stage cut short"]
    assert ran.result.report.stages[-1].calls >= 0.8 * stage_calls(cell)["search"]


def test_of_one_parent_as_many_children_are_made_as_of_four(tmp_path):
    cell = task("pe2", options={"steps": 1, "initial": 0}, budget=Budget(calls=900))
    assert len(_asked(run(cell, tmp_path, varied()), WRITE)) == 16


def test_guesses_keep_to_the_limit_of_words_and_so_do_their_children(tmp_path):
    ran = _run(tmp_path, engineer(" " + " ".join(["and so on"] * 20)))
    assert len(_asked(ran, "Cut it down")) == len(_asked(ran, GUESS)) + len(_asked(ran, WRITE))
    assert len(_asked(ran, GUESS)) > 3
    assert {r["slots"]["operator"] for r in ran.records if r["kind"] == "candidate"} == {"base"}


def test_each_step_looks_for_mistakes_among_other_cases(tmp_path, monkeypatch):
    """And all parents of a step among the same."""
    batches = []

    def spy(context, cases):
        batches.append(tuple(case.id for case in cases))
        return mistakes(context, cases)

    monkeypatch.setattr(litter, "mistakes", spy)
    ran = run(task("pe2", search=48, budget=Budget(calls=1200)), tmp_path, engineer())
    steps = [batch for batch, _ in itertools.groupby(batches)]
    assert len(steps) == len(_steps(ran)) - 1 == 3  # the first one guesses
    met = [case for batch in steps for case in batch]
    assert len(met) == len(set(met))
    assert max(map(len, steps)) == 16


@pytest.mark.parametrize(
    ("part", "needle"),
    [
        ("task_description", "that takes two steps"),
        ("layout_statement", "[the instruction]\n\n[the input]"),
        ("reasoning", "<analysis>"),
    ],
)
def test_each_part_of_the_question_can_be_left_out(tmp_path, part, needle):
    ran = _run(tmp_path / "with", initial=0)
    assert all(needle in text for text in _asked(ran, WRITE))
    ran = _run(tmp_path / "without", initial=0, **{part: False})
    assert _asked(ran, WRITE)
    assert not any(needle in text for text in _asked(ran, WRITE))
    assert bool(_asked(ran, EXAMINE)) == (part != "reasoning")


def test_with_backtracking_a_bad_step_is_left_behind(tmp_path):
    """The first step's best are better than those of the second; who is asked about in the third?"""
    parents = {}
    for back in (True, False):
        numbers = itertools.count()

        def model(request, numbers=numbers):
            word = question(request)
            if word is None:
                text = "\n".join(m.content for m in request.messages)
                number = next(numbers)
                kind = "poor" if "good" in text or "poor" in text else "good"
                return f"<instruction>Say red or blue, {kind} {number}.</instruction>"
            said = request.messages[0].content
            return answer(word, 0.9 if "good" in said else 0.1 if "poor" in said else 0.4)

        options = {"initial": 0, "reasoning": False, "backtracking": back, "parents": 1}
        ran = _run(tmp_path / str(back), model, calls=900, **options)
        parents[back] = _asked(ran, WRITE)[-1]
        assert len(_steps(ran)) == 3
    assert re.search(r"<present>\nSay red or blue, good", parents[True])
    assert re.search(r"<present>\nSay red or blue, poor", parents[False])


def test_a_longer_instruction_is_sent_back_once_then_dropped(tmp_path):
    more = " ".join(["and so on"] * 20)
    ran = _run(tmp_path, engineer(f" {more}"), initial=0, reasoning=False)
    assert len(_asked(ran, "Cut it down")) == len(_asked(ran, WRITE)) > 0
    assert not [r for r in ran.records if r["kind"] == "candidate" and "pe2" in str(r["slots"])]
    roomy = _run(tmp_path / "2", engineer(f" {more}"), initial=0, max_words=80)
    assert not _asked(roomy, "Cut it down")
    assert [r for r in roomy.records if r["kind"] == "candidate" and "pe2" in str(r["slots"])]


def test_no_more_words_may_be_wanted_than_are_read(tmp_path):
    with pytest.raises(ValidationError, match="max_words"):
        Options(max_words=301)
    more = " ".join(["and so on"] * 96)  # 295 words with the rest
    ran = _run(tmp_path, engineer(f" {more}"), initial=0, max_words=300)
    assert [r for r in ran.records if r["kind"] == "candidate" and "pe2" in str(r["slots"])]


TOLD = {
    "description": "Words have colours.",
    "explained": True,
    "node": "",
    "layout": "[the instruction]\n\n[the input]",
    "instruction": "Red or blue?",
    "examples": [
        {"input": "Word: sky", "answer": "red", "wanted": "blue", "feedback": "not the label"},
        {"input": "Word: sea", "answer": "", "wanted": "blue", "feedback": ""},
    ],
    "rule": "Answer with exactly one of these, and nothing else: red, blue.",
}


def test_the_questions_of_pe2_read_as_kept(file_regression):
    bare = {"explained": False, "layout": "", "node": "hint", "examples": [], "rule": ""}
    found = {"analysis": "It does not say that skies are blue.", "words": 50}
    unseen = [{**each, "answer": "", "feedback": ""} for each in TOLD["examples"]]
    texts = [
        ("pe2_examine", TOLD),
        ("pe2_examine", {**TOLD, "examples": unseen}),
        ("pe2_examine", {**TOLD, "explained": False, "layout": "", "node": "hint"}),
        ("pe2_write", {**TOLD, **found}),
        ("pe2_write", {**TOLD, **bare, "analysis": "", "words": 50}),
    ]
    read = [
        "\n---\n".join(f"{role}: {text}" for role, text in render_meta_prompt(name, inputs))
        for name, inputs in texts
    ]
    file_regression.check("\n\n=====\n".join(read) + "\n")
