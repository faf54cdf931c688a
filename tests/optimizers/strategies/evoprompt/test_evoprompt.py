"""EvoPrompt in worlds whose truth is known."""

from __future__ import annotations

import itertools
import re

import pytest

from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.strategies.evoprompt import FAMILY, Options
from landrace.optimizers.table import STRATEGIES
from landrace.schemas.pipeline import Budget
from strategy_world import STYLES, answer, question, run, style, task

GA, DE, FOUND = "Two parents", "Four instructions", "Write a better"
BOTH = ("evoprompt", "evoprompt/de")


def styled():
    """A proposer whose instructions have all styles in turn, and a pupil that needs style 2."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is None:
            number = next(numbers)
            return (
                f"1. They differ.\n<instruction>Say red or blue for the word, number {number}, "
                f"in style {number % STYLES}.</instruction>"
            )
        return answer(word, 0.9 if style(request) == 2 else 0.4)

    return model


def _asked(ran, needle):
    texts = ["\n".join(m.content for m in r.messages) for r in ran.gateway.requests]
    return [text for text in texts if needle in text]


def _candidates(ran, operator):
    found = [r for r in ran.records if r["kind"] == "candidate"]
    return [r for r in found if r["slots"]["operator"].startswith(operator)]


def _winner(ran):
    (shortlist,) = (r for r in ran.records if r["kind"] == "shortlist")
    found = [r for r in _candidates(ran, "") if r["digest"] in shortlist["digests"]]
    return next(r for r in found if r["slots"]["operator"] != "base")


def _means(ran):
    """The mean on select of each candidate with all of its scores, by digest."""
    scores = {}
    for record in ran.records:
        if record["kind"] == "score" and record["case"].startswith("select"):
            scores.setdefault(record["candidate"], []).append(record["value"])
    return {digest: sum(values) / len(values) for digest, values in scores.items()}


def test_the_defaults_are_the_papers():
    options = Options()
    assert (options.population, options.steps, options.cases) == (10, 10, 200)
    assert (options.algorithm, options.temperature) == ("ga", 0.5)


def test_there_is_a_row_for_each_algorithm():
    assert {f"evoprompt/{name}" for name in FAMILY} | {"evoprompt"} == set(BOTH)
    assert [STRATEGIES[name].options().algorithm for name in BOTH] == ["ga", "de"]


@pytest.mark.parametrize("name", BOTH)
def test_the_search_finds_what_helps(tmp_path, name):
    ran = run(task(name, budget=Budget(calls=600)), tmp_path, styled())
    assert "style 2" in str(_winner(ran)["slots"])


@pytest.mark.parametrize(("name", "needle"), [("evoprompt", GA), ("evoprompt/de", DE)])
def test_a_child_is_one_question(tmp_path, name, needle):
    ran = run(task(name, budget=Budget(calls=600)), tmp_path, styled())
    children = _candidates(ran, "evoprompt")
    assert len(children) == len(_asked(ran, needle)) > 4
    assert all(len(child["slots"]["parents"]) == 2 for child in children)
    founders = len(_asked(ran, FOUND))
    assert len(_asked(ran, "instruction")) - founders >= len(children)


def _sections(text):
    return {tag: re.search(rf"<{tag}>\n(.*?)\n</{tag}>", text, re.DOTALL)[1] for tag in TAGS}


TAGS = ("first", "second", "best", "basic")


def test_a_differential_child_is_shown_two_others_the_best_and_the_member_it_may_replace(tmp_path):
    ran = run(task("evoprompt/de", budget=Budget(calls=600)), tmp_path, styled())
    for text in _asked(ran, DE):
        shown = _sections(text)
        assert len({shown["first"], shown["second"], shown["basic"]}) == 3
    first, *_ = _asked(ran, DE)
    assert _sections(first)["best"] == _sections(first)["basic"]


def test_no_member_is_replaced_by_a_worse_child(tmp_path):
    options = {"population": 4}
    ran = run(task("evoprompt/de", options=options, budget=Budget(calls=700)), tmp_path, styled())
    means = _means(ran)
    members = [means[child["slots"]["parents"][0]] for child in _candidates(ran, "evoprompt")]
    rounds = [members[number : number + 4] for number in range(0, len(members) - 3, 4)]
    assert len(rounds) > 4
    ranked = [sorted(each) for each in rounds]
    for earlier, later in itertools.pairwise(ranked):
        assert all(old <= new for old, new in zip(earlier, later, strict=True))


def test_of_a_differential_generation_no_two_children_may_replace_the_same_member(tmp_path):
    """Every other founder fails, so that there are fewer members than were wanted."""
    calls = itertools.count()
    good = styled()

    def model(request):
        is_founding = FOUND in "\n".join(message.content for message in request.messages)
        return "" if is_founding and next(calls) % 2 else good(request)

    cell = task("evoprompt/de", options={"population": 10}, budget=Budget(calls=1500))
    ran = run(cell, tmp_path, model)
    members = 1 + len(_candidates(ran, "founder"))
    assert members < 10
    litters = [len(list(same)) for is_child, same in itertools.groupby(_births(ran)) if is_child]
    assert max(litters) == members
    assert len(litters) > 2


def _births(ran):
    """Whether each record is a child, of those that are candidates or scores."""
    for record in ran.records:
        if record["kind"] in {"candidate", "score"}:
            slots = record.get("slots", {})
            yield slots.get("operator", "").startswith("evoprompt")


def test_parents_are_among_the_best_of_all_that_went_before(tmp_path):
    options = {"population": 4}
    ran = run(task("evoprompt", options=options, budget=Budget(calls=700)), tmp_path, styled())
    means, scored, children = _means(ran), set(), 0
    for record in ran.records:
        if record["kind"] == "score" and record["case"].startswith("select"):
            scored.add(record["candidate"])
        if record in _candidates(ran, "evoprompt"):
            children += 1
            fourth = sorted((means[digest] for digest in scored), reverse=True)[3]
            assert all(means[digest] >= fourth for digest in record["slots"]["parents"])
    assert children > 12


def test_fitness_is_measured_on_no_more_cases_than_allowed_and_the_best_confirmed(tmp_path):
    ran = run(task("evoprompt", options={"cases": 8}, budget=Budget(calls=500)), tmp_path, styled())
    met = {}
    for record in ran.records:
        if record["kind"] == "score" and record["case"].startswith("select"):
            met[record["candidate"]] = met.get(record["candidate"], 0) + 1
    counts = list(met.values())
    assert set(counts) == {8, 20}
    assert 2 <= counts.count(20) <= 4


def test_the_questions_of_evoprompt_read_as_kept(file_regression):
    told = {"description": "Words have colours.", "rule": "Say red or blue."}
    pair = {"first": "Red or blue?", "second": "Which colour?"}
    texts = [
        render_meta_prompt("breed", {**told, **pair}),
        render_meta_prompt("breed", {**told, **pair, "rule": ""}),
        render_meta_prompt("differ", {**told, **pair, "best": "Blue?", "basic": "Red?"}),
    ]
    read = ["\n---\n".join(f"{role}: {text}" for role, text in turns) for turns in texts]
    file_regression.check("\n\n=====\n".join(read) + "\n")
