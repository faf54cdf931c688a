"""The options of GPO as its proposer and its ledger show them, in worlds whose truth is known."""

from __future__ import annotations

import itertools
import re
import sys

import pytest

from colours import SOURCE
from landrace import embedding
from landrace.errors import ConfigError
from landrace.optimizers.meta_prompts import render_meta_prompt
from landrace.optimizers.proposing.word_changes import changed_words
from landrace.optimizers.strategies.gpo.options import FAMILY, Options
from landrace.optimizers.strategies.gpo.plan import least, planned_steps, step_runs, words_allowed
from landrace.optimizers.strategy import Sizes
from landrace.optimizers.table import STRATEGIES
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget
from strategy_world import answer, pupil, question, run, style, task

# GPO, table 4, as far as its options say it: momentum, reflection, limit, form.
DECOMPOSED = {
    "gpo": ("relevance", False, "cosine", "generate"),
    "gpo/ape": ("none", False, "none", "generate"),
    "gpo/apo": ("none", True, "none", "edit"),
    "gpo/opro": ("recency", False, "none", "generate"),
    "gpo/pe2": ("recency", True, "fixed", "generate"),
    "gpo/sgdm": ("summary", False, "none", "edit"),
}


@pytest.mark.parametrize(("name", "parts"), DECOMPOSED.items())
def test_the_presets_are_the_papers_decomposition(name, parts):
    options = STRATEGIES[name].options()
    assert (
        options.momentum,
        options.reflection,
        options.step_size,
        options.refinement,
    ) == parts


def test_there_is_no_preset_without_a_row_of_the_table():
    assert {f"gpo/{name}" for name in FAMILY} | {"gpo"} == set(DECOMPOSED)


def test_the_defaults_are_the_papers():
    options = Options()
    assert (options.remembered, options.candidates, options.examples) == (3, 8, 3)
    assert (options.epochs, options.batch, options.warm_up) == (3, 8, 0.0)
    assert [words_allowed(options, step, 11) for step in (0, 5, 10)] == [50, 30, 10]


def _asked(ran, needle=""):
    """The questions to the proposer."""
    texts = ["\n".join(m.content for m in r.messages) for r in ran.gateway.requests]
    return [text for text in texts if "<instruction>" in text and needle in text]


@pytest.mark.parametrize(("name", "parts"), DECOMPOSED.items())
def test_a_proposer_is_told_what_the_preset_says(tmp_path, name, parts):
    momentum, reflection, step_size, refinement = parts
    ran = run(task(name, budget=Budget(calls=500)), tmp_path)
    said = _asked(ran, "improve the instructions that language models are given, step by step")
    later = said[-1]
    assert all("<present score=" in text for text in said)
    assert ("<tried score=" in later) == (momentum in {"recency", "relevance"})
    assert ("has learnt so far" in later) == (momentum == "summary")
    assert ("<flaw>" in later) == reflection
    assert ("in at most" in later) == (step_size != "none")
    assert ("Edit the present instruction" in later) == (refinement == "edit")


def test_the_words_fall_from_step_to_step_until_the_runs_are_spent(tmp_path):
    ran = run(task("gpo", budget=Budget(calls=900)), tmp_path)
    words = [record["words"] for record in ran.records if record["kind"] == "step"]
    assert len(words) > 3
    assert words[0] == 50
    assert words == sorted(words, reverse=True)


LONG = " ".join(f"word{number}" for number in range(90))


def _wordy(request, cut):
    """A model whose proposals always change too much; what it says when asked to cut down."""
    if question(request) is not None:
        return pupil(request)
    text = "\n".join(m.content for m in request.messages)
    return cut if "Only" in text else f"<instruction>Say red or blue. {LONG}</instruction>"


def _candidates(ran):
    return [Candidate.model_validate(r["slots"]) for r in ran.records if r["kind"] == "candidate"]


def test_a_proposal_that_changes_too_much_is_sent_back_once_then_dropped(tmp_path):
    ran = run(task("gpo"), tmp_path, lambda request: _wordy(request, f"Say red or blue. {LONG}"))
    assert len(_candidates(ran)) == 1
    asked, cut = len(_asked(ran)), len(_asked(ran, "are allowed"))
    assert asked == 2 * cut > 0
    assert sum(r["kind"] == "dropped" for r in ran.records) == cut


def test_a_proposal_that_is_cut_down_far_enough_is_tried(tmp_path):
    short = "<instruction>Which colour does the word have? Say red or blue now.</instruction>"
    ran = run(task("gpo"), tmp_path, lambda request: _wordy(request, short))
    assert {c.slots().instruction for c in _candidates(ran)} == {
        None,
        "Which colour does the word have? Say red or blue now.",
    }


@pytest.mark.parametrize("words", [1, 6, 11])
def test_no_candidate_ever_changes_more_words_than_allowed(tmp_path, words):
    options = {"words": words, "last_words": words, "step_size": "fixed"}
    counter = itertools.count()

    def model(request):
        if question(request) is not None:
            return pupil(request)
        number = next(counter)
        more = " ".join(f"w{each}" for each in range(number % 14))
        return (
            f"<instruction>Which colour does the word have? Say red or blue. {more}</instruction>"
        )

    ran = run(task("gpo", options=options), tmp_path, model)
    texts = {
        record["digest"]: record["slots"]["nodes"].get("prompt", {}).get("instruction")
        or "Which colour does the word have? Say red or blue."
        for record in ran.records
        if record["kind"] == "candidate"
    }
    children = [r for r in ran.records if r["kind"] == "candidate" and r["slots"]["parents"]]
    assert children
    for child in children:
        (parent,) = child["slots"]["parents"]
        assert changed_words(texts[parent], texts[child["digest"]]) <= words


def test_each_step_moves_on_and_the_winner_is_the_best_of_all(tmp_path):
    """Style 2 is best and comes first; the search leaves it, and it wins."""
    numbers = itertools.chain([2], itertools.cycle([0, 1, 3, 4, 5, 6, 7]))

    def model(request):
        word = question(request)
        if word is None:
            return f"<instruction>Say red or blue, in style {next(numbers)}.</instruction>"
        return answer(word, 0.9 if style(request) == 2 else 0.3)

    ran = run(task("gpo", budget=Budget(calls=600), options={"candidates": 1}), tmp_path, model)
    trail = [record["digest"] for record in ran.records if record["kind"] == "step"]
    assert len(trail) == len(set(trail)) > 2
    assert ran.result.served.digest == trail[0]


def test_a_summary_is_asked_for_only_after_a_step_that_brought_something(tmp_path):
    """Two steps bring a new instruction, all after them the same once more."""
    numbers = itertools.count()

    def model(request):
        if question(request) is not None:
            return pupil(request)
        if "<instruction>" not in request.messages[-1].content:
            return "Styles matter."
        number = next(numbers)
        return f"<instruction>Say red or blue, in style {min(number, 1)}.</instruction>"

    options = {"candidates": 1, "epochs": 9}
    ran = run(task("gpo/sgdm", budget=Budget(calls=900), options=options), tmp_path, model)
    texts = ["\n".join(m.content for m in request.messages) for request in ran.gateway.requests]
    assert len([r for r in ran.records if r["kind"] == "step"]) == 2
    assert next(numbers) > 3
    assert sum("The step before, and the one after it" in text for text in texts) == 2


def test_instructions_of_earlier_steps_are_shown_in_full(tmp_path):
    numbers = itertools.count()

    def model(request):
        if question(request) is not None:
            return pupil(request)
        return f"<instruction>Say red or blue. {LONG} Thus, {next(numbers)}.</instruction>"

    options = {"momentum": "recency", "step_size": "none", "candidates": 1}
    ran = run(task("gpo", budget=Budget(calls=900), options=options), tmp_path, model)
    assert re.search(r"word89 Thus, \d+\.\n</tried>", _asked(ran)[-1])


@pytest.mark.parametrize("momentum", ["recency", "importance", "relevance"])
def test_as_many_steps_as_wanted_are_shown_beside_the_present_one(tmp_path, momentum):
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is None:
            return f"<instruction>Say red or blue, {next(numbers)}.</instruction>"
        return answer(word, 0.4)

    options = {"momentum": momentum, "candidates": 1}
    ran = run(task("gpo", budget=Budget(calls=900), options=options), tmp_path, model)
    said = _asked(ran, "step by step. Yours are")
    assert len(said) > 5
    assert [text.count("<tried score=") for text in said[:5]] == [0, 1, 2, 3, 3]
    for text in said:
        present = re.search(r"<present score=.*\n(.*)\n", text)[1]
        assert text.count(present) == 1


def test_each_reflection_sees_mistakes_of_another_batch(tmp_path):
    options = {"candidates": 1, "momentum": "none"}
    ran = run(task("gpo/apo", budget=Budget(calls=900), options=options), tmp_path)
    texts = ["\n".join(m.content for m in r.messages) for r in ran.gateway.requests]
    flaws = [text for text in texts if "Name one flaw" in text]
    shown = [set(re.findall(r"search\d+", text)) for text in flaws]
    assert len(shown) > 3
    # An epoch is three batches of eight of the 24 search cases.
    assert not shown[0] & shown[1]
    assert not (shown[0] | shown[1]) & shown[2]
    assert all(0 < len(words) <= 8 for words in shown)


def test_full_allocation_scores_every_candidate_on_all_of_select(tmp_path):
    cell = task("gpo", budget=Budget(calls=600), options={"allocation": "full"})
    ran = run(cell, tmp_path)
    counts = {
        sum(question(r) == case.id and style(r) == n for r in ran.gateway.requests)
        for n in {style(r) for r in ran.gateway.requests if question(r)} - {None}
        for case in cell.select
    }
    assert counts == {1}


@pytest.mark.parametrize(("candidates", "times"), [(1, 1), (2, 2), (3, 3), (8, 3)])
def test_few_candidates_take_no_more_than_they_can_cost(candidates, times):
    options = Options(candidates=candidates, step_size="none")
    assert step_runs(options, Sizes(40, 50, 0, 1)) == candidates + times * 50


def test_a_step_of_one_candidate_is_paid_beside_other_models_winners(tmp_path):
    others = tuple(
        Candidate.plain(operator="other", source=SOURCE.replace("Which", word))
        for word in ("What", "Tell which", "Say which")
    )
    options = {"candidates": 1, "momentum": "recency"}
    cell = task("gpo", options=options, others=others)
    calls = least(cell.options, cell.sizes()) + cell.holdout_calls()
    ran = run(cell._replace(budget=Budget(calls=calls)), tmp_path)
    kinds = [record["kind"] for record in ran.records]
    assert "step" in kinds
    assert "stage cut short" not in kinds


def test_without_embeddings_relevance_says_so_before_the_first_call(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wordllama", None)
    monkeypatch.setattr(embedding, "_model", embedding._model.__wrapped__)
    cell = task("gpo")
    with pytest.raises(ConfigError, match=r"landrace\[embeddings\].*`recency`"):
        run(cell, tmp_path)
    assert run(task("gpo", options={"momentum": "recency"}), tmp_path / "2").gateway.calls


@pytest.mark.parametrize("runs", [0, 100, 1000, 10**6])
def test_the_schedule_ends_with_the_last_step_that_is_paid(runs):
    sizes = Sizes(search=40, select=50, holdout=0, rivals=1)
    options = Options(step_size="linear")
    steps = planned_steps(options, sizes, runs)
    assert 1 <= steps <= 15
    words = [words_allowed(options, step, steps) for step in range(steps)]
    assert words[0] == 50
    assert words[-1] == (10 if steps > 1 else 50)
    assert all(count > 10 for count in words[:-1])


@pytest.mark.parametrize(("share", "steps", "rising"), [(0.05, 4, 1), (0.05, 40, 2), (0.5, 9, 5)])
def test_a_warm_up_has_a_step_at_least_and_the_words_still_come_to_their_end(share, steps, rising):
    options = Options(step_size="linear", warm_up=share)
    words = [words_allowed(options, step, steps) for step in range(steps)]
    assert words[0] == 1
    assert words[: rising + 1] == sorted(words[: rising + 1])
    assert words[rising] == 50
    assert words[-1] == 10


@pytest.mark.parametrize("share", [0.05, 0.5])
@pytest.mark.parametrize(("steps", "words"), [(1, [50]), (2, [50, 10]), (3, [1, 50, 10])])
def test_a_warm_up_leaves_a_step_for_the_first_words_and_one_for_the_last(share, steps, words):
    options = Options(warm_up=share)
    assert [words_allowed(options, step, steps) for step in range(steps)] == words


def test_the_words_never_grow_to_the_end():
    options = Options(words=5)
    assert [words_allowed(options, step, 4) for step in range(4)] == [5, 5, 5, 5]


def test_a_search_warms_up(tmp_path):
    options = {"warm_up": 0.5, "step_size": "fixed"}
    ran = run(task("gpo", budget=Budget(calls=900), options=options), tmp_path)
    said = _asked(ran, "step by step. Yours are")
    allowed = [int(re.search(r"in at most (\d+) word", text)[1]) for text in said]
    words = [next(iter(group)) for _, group in itertools.groupby(allowed)]
    assert words[0] == 1
    assert words[-1] == 50
    assert 2 < len(words) == len(set(words))
    assert words == sorted(words)


EXAMPLES = [{"input": "Word: sky", "output": "blue"}]
TOLD = {
    "description": "Words have colours.",
    "node": "",
    "place": "user",
    "summary": "",
    "flaw": "",
    "past": [{"text": "Say red.", "score": 20}, {"text": "Say blue.", "score": 40}],
    "present": {"text": "Red or blue?", "score": 60},
    "examples": EXAMPLES,
    "rule": "Answer with exactly one of these, and nothing else: red, blue.",
    "refinement": "generate",
    "words": 10,
}


def _read(name, **inputs):
    return "\n---\n".join(f"{role}: {text}" for role, text in render_meta_prompt(name, inputs))


def test_the_questions_of_gpo_read_as_kept(file_regression):
    edit = {"past": [], "refinement": "edit", "words": None, "flaw": "It names no colour."}
    node = {"node": "hint", "place": "system", "summary": "Short is better.", "examples": []}
    steps = [{"text": "Say red.", "score": 20}, {"text": "Say blue.", "score": 40}]
    cut = {"instruction": "Red or blue?", "proposal": "Is it red? Or blue?", "count": 5}
    texts = [
        _read("gpo_step", **TOLD),
        _read("gpo_step", **{**TOLD, **edit}),
        _read("gpo_step", **{**TOLD, **node, "words": 1}),
        _read("gpo_summary", summary="", steps=steps),
        _read("gpo_summary", summary="Short is better.", steps=steps),
        _read("cut_down", what="changes", words=1, **cut),
        _read("cut_down", what="length", words=3, **cut),
    ]
    file_regression.check("\n\n=====\n".join(texts) + "\n")
