"""What OPRO's proposer is shown, and what becomes of its answers."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from colours import SOURCE, luck
from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.strategies.opro.options import Options
from landrace.optimizers.strategies.opro.plan import least, planned, shares
from landrace.optimizers.strategy import Sizes
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget
from strategy_world import STYLES, answer, chain, chained, question, run, style, task


def told(more=""):
    """A proposer with all styles in turn, and a pupil whose score rises with the style."""
    numbers = itertools.count(1)

    def model(request):
        word = question(request)
        if word is None:
            return f"<instruction>Say red or blue, in style {next(numbers) % STYLES}{more}.</instruction>"
        number = style(request)
        return answer(word, 0.4 if number is None else 0.1 + 0.15 * number)

    return model


def _asked(ran):
    calls = [r for r in ran.records if r["kind"] == "call"]
    texts = ["\n".join(content for _, content in call["messages"]) for call in calls]
    return [text for text in texts if "You look for the instruction" in text]


def _scores(text):
    return [int(score) for score in re.findall(r'<tried score="(\d+)">', text)]


def _words(text):
    return tuple(re.findall(r"Word: (search\d+)", text))


def _candidates(ran):
    found = [r["slots"] for r in ran.records if r["kind"] == "candidate"]
    return [slots for slots in found if slots["operator"] == "opro"]


def test_the_defaults_are_the_papers():
    options = Options()
    assert (options.steps, options.proposals, options.history, options.examples) == (200, 8, 20, 3)
    assert (options.hidden_below, options.max_characters, options.policy) == (0.3, 500, "random")


def test_the_best_of_what_was_tried_is_shown_ascending_and_the_worst_is_hidden(tmp_path):
    ran = run(task("opro", budget=Budget(calls=900)), tmp_path, told())
    last = _scores(_asked(ran)[-1])
    assert len(last) > 3
    assert last == sorted(last)
    assert min(last) >= 30
    assert any("style 1" in str(slots) for slots in _candidates(ran))
    assert "style 1" not in _asked(ran)[-1]


def test_no_more_is_shown_than_the_history_holds(tmp_path):
    options = {"history": 2, "hidden_below": 0.0}
    ran = run(task("opro", budget=Budget(calls=900), options=options), tmp_path, told())
    assert max(len(_scores(text)) for text in _asked(ran)) == 2
    assert "style 5" in _asked(ran)[-1]


def test_a_proposer_that_repeats_itself_is_not_asked_for_ever(tmp_path):
    def model(request):
        word = question(request)
        return answer(word, 0.5) if word else "<instruction>Say red or blue now.</instruction>"

    ran = run(task("opro", budget=Budget(calls=2000)), tmp_path, model)
    assert len(_asked(ran)) == 8 * (1 + 3)


def test_the_best_instruction_wins(tmp_path):
    ran = run(task("opro", budget=Budget(calls=900)), tmp_path, told())
    (shortlist,) = (r for r in ran.records if r["kind"] == "shortlist")
    best = [r for r in ran.records if r.get("digest") in shortlist["digests"] and "slots" in r]
    assert "style 5" in str(best)


@pytest.mark.parametrize("policy", ["random", "constant"])
def test_examples_change_from_step_to_step_unless_they_are_constant(tmp_path, policy):
    ran = run(task("opro", options={"policy": policy}, budget=Budget(calls=700)), tmp_path, told())
    sets = {_words(text) for text in _asked(ran)}
    assert all(len(words) == 3 for words in sets)
    assert (len(sets) == 1) == (policy == "constant")


def test_all_proposals_of_a_step_answer_one_question(tmp_path):
    ran = run(task("opro", budget=Budget(calls=700)), tmp_path, told())
    asked = _asked(ran)
    steps = [set(asked[start : start + 8]) for start in range(0, len(asked), 8)]
    assert len(steps) > 2
    assert all(len(questions) == 1 for questions in steps)


def test_in_a_program_a_step_has_one_question_for_each_node(tmp_path):
    ran = run(task("opro", program=chain(), budget=Budget(calls=3000)), tmp_path, chained_or_told)
    assert len(set(_asked(ran)[:8])) == 3


def chained_or_told(request):
    said = chained(request)
    number = int(STYLES * luck(request.digest))
    return (
        f"<instruction>Say red or blue, in style {number}.</instruction>" if said is None else said
    )


@pytest.mark.parametrize("policy", ["accumulating", "most often wrong"])
def test_examples_are_those_that_most_often_go_wrong(tmp_path, policy):
    hard = {"search2", "search5", "search11"}

    def model(request):
        word = question(request)
        if word is None:
            return teacher(request)
        return answer(word, 0.0 if word in hard else 1.0 if word[:3] == "sea" else 0.5)

    teacher = told()
    ran = run(task("opro", options={"policy": policy}, budget=Budget(calls=700)), tmp_path, model)
    # Already in the first step: what it sets out from is the first of the best.
    assert {frozenset(_words(text)) for text in _asked(ran)} == {frozenset(hard)}
    assert len({_words(text) for text in _asked(ran)}) > 1


def test_the_two_policies_differ_in_whose_mistakes_they_count(tmp_path):
    """What only hidden instructions get wrong counts for one of them."""
    bad = {"search0", "search1", "search2"}

    def model(request):
        word = question(request)
        if word is None:
            return f"<instruction>Say red or blue, in style {next(numbers) % 4}.</instruction>"
        if style(request):
            return answer(word, 0.0 if word in bad or word[:3] == "sel" else 1.0)
        return answer(word, 0.0 if word == "search7" else 0.6 if word[:3] == "sel" else 1.0)

    shown = {}
    for policy in ("accumulating", "most often wrong"):
        numbers = itertools.count(1)
        options = {"policy": policy, "proposals": 1, "examples": 1}
        ran = run(task("opro", options=options), tmp_path / policy, model)
        shown[policy] = {words for text in _asked(ran)[3:] for words in [_words(text)]}
    assert shown["most often wrong"] == {("search7",)}
    assert shown["accumulating"] != shown["most often wrong"]


@pytest.mark.parametrize(
    ("options", "more", "kept"),
    [
        ({}, " " + "x" * 480, False),
        ({"max_characters": 600}, " " + "x" * 480, True),
        ({"max_characters": 1500}, " and coloured" * 105, True),
        ({"skip_digits": True}, "", False),
    ],
)
def test_what_is_too_long_or_has_digits_is_skipped(tmp_path, options, more, kept):
    ran = run(task("opro", options=options), tmp_path, told(more))
    assert bool(_candidates(ran)) == kept
    assert kept or any(r["kind"] == "dropped" for r in ran.records)


def test_no_longer_proposal_may_be_wanted_than_an_answer_has_room_for():
    with pytest.raises(ValidationError, match="max_characters"):
        Options(max_characters=1501)


@pytest.mark.parametrize("position", ["before", "after", "answer"])
def test_the_instruction_stands_where_the_options_say(tmp_path, position):
    def model(request):
        text = request.messages[-1].content
        if "You look for" in "\n".join(m.content for m in request.messages):
            return proposer(request)
        word = re.search(r"Word: (\S+)", text)[1]
        return answer(word, 0.4 if style(request) is None else 0.1 + 0.15 * style(request))

    proposer = told()
    ran = run(task("opro", options={"position": position}), tmp_path, model)
    asked = ["\n".join(m.content for m in r.messages) for r in ran.gateway.requests]
    texts = [text for text in asked if "style" in text and "<tried" not in text]
    places = {text.index("Say red or blue, in") < text.index("Word:") for text in texts}
    assert places == {position == "before"}
    assert all(("Answer:" in text) == (position == "answer") for text in texts)
    marks = {
        "before": "[the instruction]\n\nWord:",
        "after": "\n\n[the instruction]",
        "answer": "Answer: [the",
    }
    assert all(marks[position] in text for text in _asked(ran))


def test_the_nodes_of_a_program_have_histories_of_their_own(tmp_path):
    numbers = itertools.count()

    def model(request):
        said = chained(request)
        if said is not None:
            return said
        number = next(numbers) // 3 % STYLES
        return f"<instruction>Say red or blue, in style {number}.</instruction>"

    cell = task("opro", program=chain(), budget=Budget(calls=1600), select=40, holdout=40)
    ran = run(cell, tmp_path, model)
    assert "style 2" in ran.result.served.variant.files["hint.jinja"]
    for text in _asked(ran):
        own = {"clue": "Give a clue", "hint": "Make it a hint", "colour": "Red or blue?"}
        node = re.search(r'about the step "(\w+)"', text)[1]
        assert not any(other in text for name, other in own.items() if name != node)


@given(
    options=st.builds(
        Options,
        steps=st.integers(1, 20),
        proposals=st.integers(1, 20),
        policy=st.sampled_from(["random", "accumulating"]),
        cases=st.integers(1, 100),
    ),
    search=st.integers(1, 100),
    select=st.integers(1, 100),
    rivals=st.integers(1, 2),
    more=st.integers(0, 1000),
)
def test_the_least_budget_and_each_above_it_pay_a_step_and_a_crown(
    options, search, select, rivals, more
):
    sizes = Sizes(search, select, 10, rivals)
    parts = shares(options, sizes, least(options, sizes) + more)
    assert parts["search"] >= planned(options, sizes, parts["search"]).step
    assert parts["crown"] >= select


def test_the_least_budget_pays_a_step_beside_other_models_winners(tmp_path):
    others = tuple(
        Candidate.plain(operator="other", source=SOURCE.replace("Which", word))
        for word in ("What", "Tell which", "Say which")
    )
    cell = task("opro", select=60, options={"policy": "accumulating"}, others=others)
    calls = least(cell.options, cell.sizes()) + cell.holdout_calls()
    ran = run(cell._replace(budget=Budget(calls=calls)), tmp_path, told())
    assert len(_asked(ran)) == 8


@pytest.mark.parametrize(("runs", "cases"), [(0, 8), (600, 8), (1600, 24), (10_000, 50)])
def test_few_runs_score_proposals_on_fewer_cases(runs, cases):
    sizes = Sizes(search=50, select=60, holdout=0, rivals=1)
    assert planned(Options(), sizes, runs).cases == cases


@pytest.mark.parametrize(("steps", "cases"), [(1, 50), (3, 43), (7, 18), (8, 15)])
def test_few_steps_share_what_there_is(steps, cases):
    options, sizes = Options(steps=steps), Sizes(60, 60, 60, 1)
    parts = shares(options, sizes, 1380)
    assert planned(options, sizes, parts["search"]).cases == cases
    assert parts["search"] == steps * 8 * (1 + cases)


def test_the_question_of_opro_reads_as_kept(file_regression):
    history = [{"text": "Say red.", "score": 40}, {"text": "Red or blue?", "score": 60}]
    examples = [{"input": "[the instruction]\n\nWord: sky", "output": "blue"}]
    plain = {"description": "Words have colours.", "node": "", "rule": "", "characters": 500}
    texts = [
        {**plain, "history": history, "examples": examples, "rule": "Answer with red or blue."},
        {**plain, "history": [], "examples": [], "node": "hint"},
    ]
    read = [
        "\n---\n".join(f"{role}: {text}" for role, text in render_meta_prompt("opro", inputs))
        for inputs in texts
    ]
    file_regression.check("\n\n=====\n".join(read) + "\n")
