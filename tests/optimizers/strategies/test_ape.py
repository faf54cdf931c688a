"""APE in worlds whose truth is known."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import pytest

from landrace.optimizers.strategies.ape import Options
from landrace.schemas.pipeline import Budget
from landrace.workflows.open_study import stage_calls
from strategy_world import (
    STYLES,
    answer,
    chain,
    chained,
    pupil,
    question,
    remarking,
    run,
    style,
    task,
)


def guessing(good=2):
    """A proposer with all styles in turn, and a pupil that needs one of them."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is None:
            number = next(numbers) % STYLES
            return f"<instruction>Say red or blue for the word, in style {number}.</instruction>"
        return answer(word, 0.9 if style(request) == good else 0.4)

    return model


def _asked(ran, needle="Work out what that instruction says"):
    calls = [r for r in ran.records if r["kind"] == "call"]
    texts = ["\n".join(content for _, content in call["messages"]) for call in calls]
    return [text for text in texts if needle in text]


def _operators(ran):
    return Counter(r["slots"]["operator"] for r in ran.records if r["kind"] == "candidate")


def _finalist(ran):
    (shortlist,) = (r for r in ran.records if r["kind"] == "shortlist")
    found = [
        r["slots"] for r in ran.records if r.get("digest") in shortlist["digests"] and "slots" in r
    ]
    return str([slots for slots in found if slots["operator"] != "base"])


def test_the_defaults_are_the_papers():
    options = Options()
    assert (options.prompts, options.subsamples, options.demos, options.cases) == (50, 5, 5, 50)
    assert (options.rounds, options.block, options.exploration) == (20, 5, 1.0)
    assert options.resampling == 0


@pytest.mark.parametrize("allocation", ["ucb", "uniform"])
def test_the_best_guess_is_found(tmp_path, allocation):
    ran = run(task("ape", options={"allocation": allocation}), tmp_path, guessing())
    assert "style 2" in _finalist(ran)


def test_guesses_come_from_five_sets_of_five_search_cases(tmp_path):
    ran = run(task("ape", budget=Budget(calls=400)), tmp_path, pupil)
    sets = Counter(tuple(re.findall(r"Word: (\S+)", text)) for text in _asked(ran))
    assert len(sets) == 5
    assert all(len(words) == 5 and set(map(len, words)) <= {7, 8} for words in sets)
    assert max(sets.values()) - min(sets.values()) <= 1


def test_ucb_gives_a_promising_guess_more_cases_than_a_poor_one(tmp_path):
    options = {"exploration": 0.1}
    cell = task("ape", options=options, budget=Budget(calls=400), select=80)
    ran = run(cell, tmp_path, guessing())
    asked = Counter(style(r) for r in ran.gateway.requests if (question(r) or "")[:3] == "sel")
    others = [asked[number] for number in (0, 1, 3, 4, 5)]
    assert asked[2] > 2 * sum(others) / len(others)


def test_uniform_gives_all_guesses_the_same_cases(tmp_path):
    options = {"allocation": "uniform", "cases": 7}
    ran = run(task("ape", options=options, budget=Budget(calls=500)), tmp_path, guessing())
    asked = Counter(style(r) for r in ran.gateway.requests if (question(r) or "")[:3] == "sel")
    assert Counter(asked[number] for number in range(STYLES))[7] >= STYLES - 4
    assert min(asked.values()) == 7


def test_resampling_rewords_the_better_half(tmp_path):
    budget = Budget(calls=500)
    ran = run(task("ape", options={"resampling": 1}, budget=budget), tmp_path / "1", guessing())
    again = _asked(ran, "Say the same in other words")
    assert any("style 2" in text for text in again)
    assert len(again) < _operators(ran)["induced"] + 1
    plain = run(task("ape", budget=budget), tmp_path / "0", guessing())
    assert not _asked(plain, "Say the same in other words")


def test_a_remark_in_place_of_a_rewording_is_no_child(tmp_path):
    model = remarking(guessing())
    ran = run(task("ape", options={"resampling": 1}, budget=Budget(calls=500)), tmp_path, model)
    assert _asked(ran, "Say the same in other words")
    assert set(_operators(ran)) == {"base", "induced"}


def test_answers_of_no_use_leave_half_of_the_runs_to_compare(tmp_path):
    """One guess of twenty is an instruction."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is not None:
            return answer(word, 0.4)
        number = next(numbers)
        return "No." if number % 20 else f"<instruction>Say red or blue, {number}.</instruction>"

    cell = task("ape", options={"prompts": 500}, budget=Budget(calls=400))
    ran = run(cell, tmp_path, model)
    assert 0 < _operators(ran)["induced"] < 10
    assert len(_asked(ran)) <= 1 + (stage_calls(cell)["search"] + 16) / 2


def test_few_runs_buy_few_guesses(tmp_path):
    few, many = (
        len(_asked(run(task("ape", budget=Budget(calls=calls)), tmp_path / str(calls), pupil)))
        for calls in (140, 700)
    )
    assert few < 10
    assert many == 50


def test_the_nodes_of_a_program_are_guessed_from_runs_that_went_well(tmp_path):
    numbers = itertools.count()

    def model(request):
        said = chained(request)
        if said is not None:
            return said
        return (
            f"<instruction>Say red or blue, in style {next(numbers) // 3 % STYLES}.</instruction>"
        )

    cell = task("ape", program=chain(), budget=Budget(calls=2400), select=40, holdout=40)
    ran = run(cell, tmp_path, model)
    assert "style 2" in ran.result.served.variant.files["hint.jinja"]
    for node in ("Word", "Clue", "Hint"):
        assert any(f"Input: {node}: search" in text for text in _asked(ran))
