from __future__ import annotations

import random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landrace.errors import CallError
from landrace.optimizers.proposing.opening import Start
from landrace.optimizers.strategies.promptbreeder import nursery
from landrace.optimizers.strategies.promptbreeder.operators import Scene, crossed, lamarckian
from landrace.optimizers.strategies.promptbreeder.options import Options
from landrace.optimizers.strategies.promptbreeder.unit import Place, Unit, replaced, told_apart
from landrace.schemas.candidate import Candidate
from sammo_world import cases, colour, study_of

TEXTS = st.lists(st.sampled_from(["", "a b", "a  b", "a b c", "d e f", "d e f g h"]), max_size=8)


@settings(max_examples=40)
@given(TEXTS, st.sampled_from([0.05, 0.3, 0.6]))
def test_texts_that_are_told_apart_differ_and_the_first_of_their_like_stays(texts, least):
    found = told_apart(texts, least)
    assert found == told_apart(found, least)
    assert set(found) <= set(texts) - {""}
    assert [text for text in texts if text][:1] == found[:1]


def test_texts_are_alike_by_the_share_of_words_that_changes():
    texts = ["one two three four", "one two three five", "one two six five"]
    assert told_apart(texts, 0.3) == ["one two three four", "one two six five"]
    assert told_apart(texts, 0.2) == texts


def test_one_prompt_of_one_node_is_replaced():
    prompts = {"a": ("first", "second"), "b": ("third", "")}
    assert replaced(prompts, Place("b", 1), "new") == {**prompts, "b": ("third", "new")}
    assert replaced(prompts, Place("a", 0), "new") == {**prompts, "a": ("new", "second")}
    assert prompts["a"] == ("first", "second")


def scene_of(*fitness, seed=0):
    """A mutation of the first of as many units, which stand there by name."""
    units = [
        Unit(SimpleNamespace(digest=name), {"a": (name, "")}, "")
        for name in "uvwxyz"[: len(fitness)]
    ]
    place, rng = Place("a", 0), random.Random(seed)
    return Scene(None, Options(), units[0], place, units, fitness, [], rng)


@pytest.mark.parametrize("fitness", [(1.0, 0.0, 0.0), (0.9, 0.1, 0.1), (0.0, 0.0, 0.0)])
def test_a_unit_is_crossed_with_any_other_and_never_with_itself(fitness):
    assert {crossed(scene_of(*fitness, seed=seed)) for seed in range(40)} == {"v", "w"}


def test_a_unit_that_is_alone_is_not_crossed():
    assert crossed(scene_of(1.0)) is None


def test_under_a_graded_metric_the_best_workings_are_guessed_backwards_from(tmp_path):
    """Nobody has full marks: what is wanted has a word more than what is ever said."""
    asked = []

    def model(request):
        text = request.messages[-1].content
        if "<instruction>" not in text:
            word = text.rpartition("Word: ")[2].strip()
            return colour(word) if word.endswith(("1", "2")) else "none of both"
        asked.append(text)
        return "<instruction>Say red or blue.</instruction>"

    longer = tuple(
        case.model_copy(update={"expected": f"deep {case.expected}"})
        for case in cases("search", 20)
    )
    with study_of(tmp_path, model, metric="f1", search=longer) as study:
        unit = Unit(study.base, {"prompt": ("Say it.", "")}, "")
        options, rng = Options(workings=16), random.Random(0)
        scene = Scene(study, options, unit, Place("prompt", 0), [unit], [0.0], [], rng)
        assert lamarckian(scene).text == "Say red or blue."
    assert "Output: red" in asked[0]
    assert "none of both" not in asked[0]


def test_a_unit_whose_calls_fail_is_fit_for_nothing(tmp_path, monkeypatch):
    """It was right on all that it answered; others were asked more."""
    seen = []

    def model(request):
        word = request.messages[-1].content.rpartition("Word: ")[2].strip()
        is_silent = "Mumble" in str(request.messages) and not word.endswith("1")
        return CallError("too long") if is_silent else colour(word)

    silent = Candidate.plain(operator="given", instruction="Mumble red or blue.", layout="user")
    with study_of(tmp_path, model) as study:
        entries = [study.base, study.admit(silent)]
        study.evaluate(entries, study.select)
        assert study.table.mean(entries[1].digest, study.select) == 1
        units = [Unit(entry, {"prompt": ("Say it.", "")}, "") for entry in entries]
        for name in nursery.OPERATORS:
            monkeypatch.setitem(nursery.OPERATORS, name, lambda scene: seen.append(scene.fitness))
        start = Start(study.base, ("prompt",), {})
        nursery.Nursery(study, Options(), start, {})._child(units[0], units, random.Random(0))
    assert seen == [[1.0, 0.0]]
