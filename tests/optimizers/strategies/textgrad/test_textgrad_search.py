"""TextGrad in worlds whose truth is known."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict

import pytest

from landrace.optimizers.study import Study
from landrace.schemas.pipeline import Budget
from strategy_world import (
    STYLES,
    answer,
    cases,
    chain,
    chained,
    few_mistakes,
    question,
    run,
    served_with,
    shown,
    style,
    task,
    written_in,
)

FLAW = "It does not say in which style."


def kind(request):
    """Which question to the proposer it is."""
    text = request.messages[-1].content
    needles = {
        "step": "Write the instruction anew",
        "edge": "should the text of",
        "critique": "What should the instruction say",
        "repair": "Copy the instruction",
    }
    return next(name for name, needle in needles.items() if needle in text)


class Critic:
    """A proposer that always finds the same flaw, and goes through the styles."""

    def __init__(self, *, first=0):
        self.questions = defaultdict(list)
        self._numbers = itertools.count(first)

    def __call__(self, request):
        what = kind(request)
        self.questions[what].append("\n".join(m.content for m in request.messages))
        return self.rewritten(next(self._numbers) % STYLES) if what == "step" else FLAW

    def rewritten(self, number):
        return f"<instruction>Say red or blue for the word, in style {number}.</instruction>"


def plain(critic):
    """A model that style 2 helps, and that is wrong on every case that a critique may see."""

    def model(request):
        word = question(request)
        if word is None:
            return critic(request)
        if word.startswith("search"):
            return answer(word, 0.0)
        return answer(word, 0.9 if style(request) == 2 else 0.4)

    return model


def steps(critic):
    """The chain, which is wrong on every case that a critique may see."""

    def model(request):
        said = chained(request)
        if said is None:
            return critic(request)
        found = re.search(r"Hint: (\S*search\d+)\Z", request.messages[-1].content)
        return answer(found[1], 0.0) if found else said

    return model


def searched(tmp_path, model, *, calls=700, **options):
    names = ("program", "incumbent", "search")
    changes = {name: options.pop(name) for name in names if name in options}
    budget = Budget(calls=calls)
    cell = task("textgrad", options=options, budget=budget, holdout=30, **changes)
    return run(cell, tmp_path, model)


def records(ran, what):
    return [record for record in ran.records if record["kind"] == what]


def test_it_keeps_the_step_that_helps_and_undoes_those_that_harm(tmp_path):
    critic = Critic()
    ran = searched(tmp_path, plain(critic), iterations=5)
    kept = [record["kept"] for record in records(ran, "step")]
    # Styles 0 and 1 are as good as the base and are kept, 2 is better, 3 and 4 are worse.
    assert kept == [True, True, True, False, False]
    assert "style 2" in "".join(ran.result.served.variant.files.values())


def test_a_step_that_cannot_catch_up_is_not_scored_to_the_end(tmp_path):
    ran = searched(tmp_path, plain(Critic(first=2)), iterations=2)
    good, bad = records(ran, "challenge")
    assert good["cases"] == 20
    assert bad["cases"] < 20


def test_a_wrong_case_has_one_critique_and_a_batch_one_rewriting(tmp_path):
    critic = Critic()
    searched(tmp_path, plain(critic), iterations=2, batch=3)
    assert len(critic.questions["critique"]) == 6
    assert len(critic.questions["step"]) == 2
    assert critic.questions["step"][0].count(FLAW) == 3


def test_a_right_batch_asks_nothing_and_a_pass_of_them_ends_the_search(tmp_path):
    critic = Critic()
    ran = searched(tmp_path, few_mistakes(set(), critic), iterations=4)
    assert not critic.questions
    assert len(records(ran, "no critique")) == 24 / 3


def test_a_right_batch_takes_no_step(tmp_path):
    """Not of the runs for steps, either: what is kept each time runs on most of search anew."""

    class Endless(Critic):
        def rewritten(self, number):
            return super().rewritten(number).replace("word", f"word, way {len(self.ways)}")

        @property
        def ways(self):
            return self.questions["step"]

    ran = searched(tmp_path, few_mistakes({"search5"}, Endless()), search=60, calls=3000)
    assert len(records(ran, "step")) == 12
    assert len(records(ran, "no critique")) > 12


def by_heart(critic):
    """A model that knows what it is shown, and is wrong on all else that a critique may see."""

    def model(request):
        word = question(request)
        if word is None:
            return critic(request)
        if word.startswith("search"):
            return answer(word, 1.0 if word in shown(request) else 0.0)
        return answer(word, 0.8 if shown(request) else 0.1)

    return model


def test_mistakes_are_looked_for_where_nothing_is_shown(tmp_path):
    critic = Critic()
    known = served_with(cases("search", 24)[:20])
    ran = searched(tmp_path, by_heart(critic), iterations=3, incumbent=known)
    assert len(records(ran, "step")) == 3
    assert records(ran, "no critique") == []
    # Each batch is whole, and wrong from end to end.
    assert [text.count(FLAW) for text in critic.questions["step"]] == [3, 3, 3]


def test_where_all_is_shown_there_is_nothing_to_learn(tmp_path):
    critic = Critic()
    ran = searched(tmp_path, by_heart(critic), incumbent=served_with(cases("search", 24)))
    assert not critic.questions
    assert not any(str(record.get("case", "")).startswith("search") for record in ran.records)


@pytest.fixture
def traced(monkeypatch):
    """What is asked while one case is gone back through, in order."""
    asked = []
    ask = Study.ask

    def spy(study, meta_prompt, **inputs):
        asked.append((meta_prompt, inputs.get("node"), inputs.get("source"), inputs))
        return ask(study, meta_prompt, **inputs)

    monkeypatch.setattr(Study, "ask", spy)
    return asked


@pytest.mark.parametrize("order", [("clue", "hint", "colour"), ("colour", "hint", "clue")])
def test_critiques_go_backward_edge_by_edge_however_nodes_are_written(tmp_path, traced, order):
    program = written_in(order, chain())
    searched(tmp_path, steps(Critic()), program=program, batch=1, iterations=1, calls=900)
    assert [(what, node, source) for what, node, source, _ in traced] == [
        ("textgrad_critique", "colour", None),
        ("textgrad_edge", "colour", "hint"),
        ("textgrad_critique", "hint", None),
        ("textgrad_edge", "hint", "clue"),
        ("textgrad_critique", "clue", None),
        ("textgrad_step", "clue", None),
        ("textgrad_step", "hint", None),
        ("textgrad_step", "colour", None),
    ]
    assert "The right answer" in traced[0][3]["critiques"][0]
    # What is said of the hint comes from who reads it, not from the metric.
    assert traced[2][3]["critiques"] == [FLAW]


def test_a_node_without_a_part_in_the_fault_is_left_alone(tmp_path, traced):
    class Pardoning(Critic):
        def __call__(self, request):
            return "None." if kind(request) == "edge" else super().__call__(request)

    searched(tmp_path, steps(Pardoning()), program=chain(), batch=1, iterations=1, calls=900)
    assert {node for _, node, _, _ in traced} == {"colour"}


def test_momentum_shows_earlier_steps_and_their_fate(tmp_path):
    critic = Critic(first=2)
    searched(tmp_path, plain(critic), iterations=4, momentum=2)
    shown = critic.questions["step"]
    assert "Earlier steps" not in shown[0]
    assert "it was kept" in shown[1]
    assert "it scored worse and was undone" in shown[2]
    assert [text.count("What became of the step") for text in shown] == [0, 1, 2, 2]


def test_without_momentum_nothing_is_remembered(tmp_path):
    critic = Critic()
    searched(tmp_path, plain(critic), iterations=3)
    assert not any("Earlier steps" in text for text in critic.questions["step"])


def test_missing_tags_are_repaired_once_and_then_skipped(tmp_path):
    class Untagged(Critic):
        def __call__(self, request):
            if kind(request) == "repair":
                self.questions["repair"].append(request.messages[-1].content)
                odd = len(self.questions["repair"]) % 2
                return self.rewritten(2) if odd else "I would rather not."
            return super().__call__(request)

        def rewritten(self, number):
            whole = super().rewritten(number)
            return whole if number == 2 else re.sub("</?instruction>", "", whole)

    critic = Untagged(first=3)
    ran = searched(tmp_path, plain(critic), iterations=2)
    assert len(critic.questions["repair"]) == len(critic.questions["step"]) == 2
    assert len(records(ran, "step")) == 1
    assert len(records(ran, "no proposal")) == 1


def test_constraints_are_told(tmp_path):
    critic = Critic()
    searched(tmp_path, plain(critic), iterations=1, constraints=("Be polite.",))
    assert "must obey this: Be polite." in critic.questions["step"][0]


@pytest.mark.parametrize("what", ["critique", "edge", "step"])
def test_questions_of_a_program(tmp_path, what, file_regression):
    critic = Critic()
    options = {"batch": 1, "iterations": 2, "momentum": 1}
    searched(tmp_path, steps(critic), program=chain(), calls=900, **options)
    file_regression.check(critic.questions[what][-1], extension=".txt")


def test_a_question_about_a_plain_prompt(tmp_path, file_regression):
    critic = Critic()
    searched(tmp_path, plain(critic), iterations=1)
    file_regression.check(critic.questions["critique"][0], extension=".txt")


def test_the_repair(tmp_path, file_regression):
    class Untagged(Critic):
        def rewritten(self, number):
            return f"Say red or blue for the word, in style {number}."

    critic = Untagged()
    searched(tmp_path, plain(critic), iterations=1)
    file_regression.check(critic.questions["repair"][0], extension=".txt")
