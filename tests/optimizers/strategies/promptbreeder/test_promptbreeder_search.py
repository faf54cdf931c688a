"""Promptbreeder in worlds whose truth is known."""

from __future__ import annotations

import itertools

import pytest

from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.strategies.promptbreeder import Options
from landrace.optimizers.strategies.promptbreeder.operators import OPERATORS
from landrace.optimizers.strategies.promptbreeder.thoughts import MUTATIONS
from landrace.schemas.pipeline import Budget
from landrace.workflows.task import Incumbent
from strategy_world import STYLES, answer, question, run, showing, shown, style, task

MANY = {"population": 8, "generations": 60, "crossover": 0.3, "shuffle": 0.3}
HYPER = "think up ways to change instructions"
CHANGE = "How to change it: "


def styled(share=0.4):
    """A proposer whose every text is new, in all styles in turn; style 2 helps."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is None:
            number = next(numbers)
            return (
                f"<instruction>Say it, number {number}, in style {number % STYLES}.</instruction>"
            )
        return answer(word, 0.9 if style(request) == 2 else share)

    return model


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A run that is long enough for all that is left to chance."""
    cell = task("promptbreeder", options=MANY, budget=Budget(calls=2000))
    return run(cell, tmp_path_factory.mktemp("long"), styled())


def _calls(ran):
    """What was asked of the proposer, and the answer."""
    calls = [r for r in ran.records if r["kind"] == "call"]
    asked = [("\n".join(content for _, content in r["messages"]), r["text"]) for r in calls]
    return [(text, said) for text, said in asked if "<instruction>" in text]


def _candidates(ran):
    return [r for r in ran.records if r["kind"] == "candidate"]


def _operators(ran):
    return [r["slots"]["operator"].removeprefix("promptbreeder, ") for r in _candidates(ran)]


def test_the_defaults_are_the_papers():
    options = Options()
    assert (options.population, options.generations, options.cases) == (50, 20, 100)
    assert options.crossover == 0.1


def test_the_search_finds_what_helps(long):
    (shortlist,) = (r for r in long.records if r["kind"] == "shortlist")
    found = [r for r in _candidates(long) if r["digest"] in shortlist["digests"]]
    assert any("style 2" in str(record["slots"]) for record in found)


def test_a_list_by_rank_is_continued_by_the_units_mutation_prompt(long):
    lists = [text for text, _ in _calls(long) if "Write the next one of this list" in text]
    ranked = [text for text in lists if "the better the later they stand" in text]
    assert 0 < len(ranked) < len(lists)
    assert [text for text in lists if "What the next one is to be like: " in text] == ranked
    assert any(mutation in text for text in ranked for mutation in MUTATIONS)


def test_every_operator_has_children(long):
    names = _operators(long)
    assert set(OPERATORS) <= set(names)
    assert any(name.endswith(", crossover") for name in names)
    assert {"base", "founder"} <= set(names)


def test_a_unit_has_two_task_prompts(long):
    founders = [r for r in _candidates(long) if r["slots"]["operator"].endswith("founder")]
    for record in founders:
        first, second, *_ = record["slots"]["nodes"]["prompt"]["instruction"].split("\n\n")
        assert first.startswith("Say it, number")
        assert second.startswith("Say it, number")
        assert first != second


def test_a_mutation_prompt_is_mutated_and_applied_at_once(long):
    pairs = [pair for pair in itertools.pairwise(_calls(long)) if HYPER in pair[0][0]]
    applied = [(said, asked) for (_, said), (asked, _) in pairs if CHANGE in asked]
    assert len(applied) > 3
    for said, asked in applied:
        assert said == f"<instruction>{asked.split(CHANGE)[1].splitlines()[0]}</instruction>"


def test_a_first_order_mutation_uses_the_units_own_mutation_prompt(long):
    used = [text.split(CHANGE)[1] for text, _ in _calls(long) if CHANGE in text]
    known = [text for text in used if text.startswith(MUTATIONS)]
    assert 0 < len(known) < len(used)


def test_the_best_never_loses_its_place_and_no_tournament_changes_the_numbers(long):
    means = {}
    for record in long.records:
        if record["kind"] == "score" and record["case"].startswith("select"):
            means.setdefault(record["candidate"], []).append(record["value"])
    populations = [r["digests"] for r in long.records if r["kind"] == "population"]
    assert len(populations) > 6
    assert {len(each) for each in populations} == {8}
    for before, after in itertools.pairwise(populations):
        best = max(sum(means[digest]) for digest in before)
        assert any(sum(means[digest]) == best for digest in set(before) & set(after))
        assert len(set(before) - set(after)) <= 4


def test_examples_are_right_answers_of_the_model_to_search_cases(long):
    demos = [
        demo
        for record in _candidates(long)
        for slots in record["slots"]["nodes"].values()
        for demo in slots["demos"]
    ]
    assert demos
    assert all(demo["bootstrapped"] and demo["case_id"].startswith("search") for demo in demos)


@pytest.mark.parametrize("most", [0, 3])
@pytest.mark.parametrize("is_served", [True, False])
def test_only_who_is_given_shows_more_examples_than_allowed(tmp_path, most, is_served):
    changes = {"incumbent": Incumbent(showing(6), "d", 0)} if is_served else {}
    others = () if is_served else (showing(6),)
    options = {**MANY, "max_shots": most}
    cell = task(
        "promptbreeder", options=options, budget=Budget(calls=1200), others=others, **changes
    )

    def model(request):
        word = question(request)
        return good(request) if word is None else answer(word, 0.3 + 0.1 * len(shown(request)))

    good = styled()
    found = [record["slots"] for record in _candidates(run(cell, tmp_path, model))]
    shots = [len(each["demos"]) for slots in found for each in slots["nodes"].values()]
    assert len(shots) > 10
    assert shots.count(6) == 1
    assert set(shots) - {6} <= set(range(most + 1))


def test_nothing_right_leaves_nothing_to_guess_backwards_from(tmp_path):
    cell = task("promptbreeder", options=MANY, budget=Budget(calls=1200))

    def model(request):
        word = question(request)
        if word is not None and word.startswith("search"):
            return "neither"
        return good(request)

    good = styled()
    ran = run(cell, tmp_path, model)
    assert "lamarckian" not in _operators(ran)


def test_the_questions_of_promptbreeder_read_as_kept(file_regression):
    told = {"description": "Words have colours.", "rule": "Say red or blue."}
    style_, plain = "What decides?", {"description": "Words have colours.", "rule": ""}
    texts = [
        render_meta_prompt("invent", {**told, "node": "", "other": "", "style": style_}),
        render_meta_prompt(
            "invent", {**plain, "node": "hint", "other": "Be brief.", "style": style_}
        ),
        render_meta_prompt("mutate", {**told, "text": "Red or blue?", "mutation": "Be plain."}),
        render_meta_prompt("mutate_mutation", {**told, "mutation": "", "style": style_}),
        render_meta_prompt("mutate_mutation", {**told, "mutation": "Be plain.", "style": style_}),
        *(
            render_meta_prompt(
                "extend",
                {**told, "kind": kind, "texts": ["Red?", "Blue?"], "mutation": mutation},
            )
            for kind, mutation in (("plain", ""), ("ranked", "Be plain."), ("lineage", ""))
        ),
    ]
    read = ["\n---\n".join(f"{role}: {text}" for role, text in turns) for turns in texts]
    file_regression.check("\n\n=====\n".join(read) + "\n")
