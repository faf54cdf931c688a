"""ProTeGi in worlds whose truth is known."""

from __future__ import annotations

import itertools
import re

import pytest

from landrace.optimizers.allocation.contest import best_of
from landrace.optimizers.strategies.protegi import Options, shares, strategy
from landrace.optimizers.strategy import Sizes
from landrace.optimizers.variants import Program
from landrace.schemas.pipeline import Budget
from strategy_world import (
    CONFIG,
    STYLES,
    answer,
    proposal,
    pupil,
    question,
    remarking,
    run,
    style,
    task,
)

RULES = ("uniform", "ucb", "ucb-e", "rejects", "halving")

TWO_SECTIONS = """{% section role %}
You know colours.
{% endsection %}

{% section task %}
## Task
Which colour does the word have? Say red or blue.
{% endsection %}

Word: {{ word }}
"""


def styled():
    """A proposer whose instructions have all styles in turn, and a pupil that needs style 2."""
    numbers = itertools.count()

    def model(request):
        word = question(request)
        if word is None:
            number = next(numbers) % STYLES
            return f"<instruction>Say red or blue for the word, in style {number}.</instruction>"
        return answer(word, 0.9 if style(request) == 2 else 0.4)

    return model


def _asked(ran, needle):
    """The questions to the proposer, each as one text, in the order in which they were asked."""
    calls = [r for r in ran.records if r["kind"] == "call"]
    texts = ["\n".join(content for _, content in call["messages"]) for call in calls]
    return [text for text in texts if needle in text]


def _operators(ran):
    return [r["slots"]["operator"] for r in ran.records if r["kind"] == "candidate"]


def _winner(ran):
    """The slots of the candidate that went to the holdout, promoted or not."""
    (shortlist,) = (r for r in ran.records if r["kind"] == "shortlist")
    found = [
        r for r in ran.records if r["kind"] == "candidate" and r["digest"] in shortlist["digests"]
    ]
    return str([r["slots"] for r in found if r["slots"]["operator"] != "base"])


def test_the_defaults_are_the_papers():
    options = Options()
    assert (options.rounds, options.beam, options.batch) == (6, 4, 64)
    assert (options.gradients, options.errors, options.edits) == (4, 4, 1)
    assert (options.paraphrases, options.children) == (2, 8)


@pytest.mark.parametrize("rule", RULES)
def test_with_each_bandit_the_search_finds_what_helps(tmp_path, monkeypatch, rule):
    asked = []

    def spy(*arguments, **changes):
        asked.append((changes["rule"], changes["pace"].c))
        return best_of(*arguments, **changes)

    monkeypatch.setattr(strategy, "best_of", spy)
    options = {"selection": rule, "exploration": 1.5}
    ran = run(task("protegi", options=options, budget=Budget(calls=500)), tmp_path, styled())
    assert set(asked) == {(rule, 1.5)}
    assert "style 2" in _winner(ran)


KINDS = (("flaw", "Name one flaw"), ("edit", "<flaw>"), ("reword", "other words"))


def _kinds(ran):
    """What the proposer is asked for, in order."""
    return [kind for text in _asked(ran, "") for kind, needle in KINDS if needle in text]


def test_every_gradient_has_its_edit_before_any_edit_is_reworded(tmp_path):
    cell = task("protegi", options={"rounds": 1}, budget=Budget(calls=900))
    ran = run(cell, tmp_path, styled())
    assert _kinds(ran) == ["flaw", "edit"] * 4 + ["reword"] * 4
    assert {"protegi, edit", "protegi, paraphrase"} <= set(_operators(ran))


def test_paraphrases_are_of_all_edits_in_turn(tmp_path):
    options = {"rounds": 1, "children": 12}
    ran = run(task("protegi", options=options, budget=Budget(calls=900)), tmp_path, styled())
    assert _kinds(ran) == ["flaw", "edit"] * 4 + ["reword"] * 8
    texts = [text.split("<present>")[1] for text in _asked(ran, "other words")]
    assert texts[:4] == texts[4:]
    assert texts[0] != texts[1]


def test_an_edit_sees_the_mistakes_that_its_critique_saw(tmp_path):
    ran = run(task("protegi", options={"rounds": 1}, budget=Budget(calls=900)), tmp_path, styled())
    shown = [
        [re.findall(r"search\d+", text) for text in _asked(ran, needle)]
        for needle in ("Name one flaw", "<flaw>")
    ]
    assert shown[0] == shown[1]
    assert [len(words) for words in shown[0]] == [4, 4, 4, 4]


def test_a_prompt_has_no_more_children_than_allowed(tmp_path):
    options = {"rounds": 1, "children": 2, "paraphrases": 0}
    ran = run(task("protegi", options=options, budget=Budget(calls=900)), tmp_path, styled())
    assert _operators(ran).count("protegi, edit") == 2


def test_a_prompt_without_mistakes_is_only_reworded(tmp_path):
    def model(request):
        word = question(request)
        if word is None:
            return proposal(request)
        return answer(word, 1.0 if word.startswith("search") else 0.5)

    ran = run(task("protegi", options={"rounds": 1}), tmp_path, model)
    assert not _asked(ran, "Name one flaw")
    assert len(_asked(ran, "other words")) == 2
    assert set(_operators(ran)) == {"base", "protegi, paraphrase"}


def test_only_the_section_task_is_edited(tmp_path):
    program = Program.of("colours", TWO_SECTIONS, CONFIG.output, path="prompt.jinja")
    ran = run(task("protegi", program=program), tmp_path, styled())
    sources = [
        r["slots"]["nodes"]["prompt"]["source"]
        for r in ran.records
        if r["kind"] == "candidate" and r["slots"]["operator"] != "base"
    ]
    assert len(sources) > 3
    for source in sources:
        assert (
            re.sub(
                r"Say red or blue for.*\.",
                "Which colour does the word have? Say red or blue.",
                source,
            )
            == TWO_SECTIONS
        )


def test_a_remark_in_place_of_a_paraphrase_is_no_child(tmp_path):
    model = remarking(styled())
    ran = run(task("protegi", options={"rounds": 1}, budget=Budget(calls=900)), tmp_path, model)
    assert _kinds(ran).count("reword") == 8
    assert set(_operators(ran)) == {"base", "protegi, edit"}


def test_the_crown_takes_no_more_than_the_beam_can_spend():
    sizes = Sizes(60, 60, 60, 1)
    parts = shares(Options(), sizes, 5880)
    assert parts["crown"] == 4 * 60
    assert sum(parts.values()) == 5880
    for calls in range(200, 3000, 100):
        crown = shares(Options(beam=1), sizes, calls)["crown"]
        assert crown == 60


@pytest.mark.parametrize("rule", RULES)
def test_answers_of_no_use_leave_half_of_a_round_to_compare(tmp_path, monkeypatch, rule):
    """Two edits are an instruction, and all that follow are none."""
    left, numbers = [], itertools.count()

    def spy(*arguments, **changes):
        left.append(arguments[3])
        return best_of(*arguments, **changes)

    def model(request):
        word = question(request)
        if word is not None:
            return answer(word, 0.4)
        if "<flaw>" not in request.messages[-1].content:
            return "It is vague."
        number = next(numbers)
        return f"<instruction>Say red or blue, {number}.</instruction>" if number < 2 else "No."

    monkeypatch.setattr(strategy, "best_of", spy)
    options = {"gradients": 16, "edits": 8, "children": 64, "paraphrases": 0, "rounds": 5}
    cell = task("protegi", options={**options, "selection": rule}, budget=Budget(calls=600))
    ran = run(cell, tmp_path, model)
    assert len(left) == 5
    assert min(left) > 20
    assert not [r for r in ran.records if r["kind"] == "stage cut short"]


def test_more_runs_buy_more_rounds(tmp_path):
    rounds = []
    for calls in (250, 900):
        ran = run(task("protegi", budget=Budget(calls=calls)), tmp_path / str(calls), pupil)
        batches = set(_asked(ran, "Name one flaw"))
        rounds.append(len(batches))
    assert rounds[1] > 2 * rounds[0] > 0
