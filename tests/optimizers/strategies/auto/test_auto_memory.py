from __future__ import annotations

import random

import pytest

from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.strategies.auto.memory import Memory
from sammo_world import study_of


@pytest.fixture
def study(tmp_path):
    with study_of(tmp_path) as made:
        yield made


def entry(study, text):
    context = context_of(study, study.base, "prompt", random.Random(0))
    return study.admit(context.child("given", instruction=text, layout="user"))


def lore(study, memory, of):
    return memory.lore(context_of(study, of, "prompt", random.Random(0)), 50)


def test_what_did_not_help_is_told_of_its_parent_alone(study):
    memory = Memory(study, study.select)
    parent, other = entry(study, "Say red or blue."), entry(study, "Tell blue from red, please.")
    for number in range(5):
        child = entry(study, f"Say red or blue, attempt {number}.")
        memory.note(child, parent, "prompt", 0.4, kept=False)
    told = lore(study, memory, parent)
    assert told.rejected == [f"Say red or blue, attempt {number}." for number in (2, 3, 4)]
    assert lore(study, memory, other).rejected == []


def test_the_tries_that_are_most_like_the_present_one_are_told_with_scores(study):
    memory = Memory(study, study.select)
    parent = entry(study, "Say whether the word is red or blue.")
    near = entry(study, "Say whether the word is blue or red, and mind its length.")
    far = [entry(study, f"Red means {name}, blue does not.") for name in ("fire", "rose", "rust")]
    for child, score in ((near, 0.7), *((each, 1.2) for each in far)):
        memory.note(child, parent, "prompt", score, kept=True)
    told = lore(study, memory, parent)
    assert len(told.tried) == 3
    assert told.tried[-1].text.startswith("Say whether the word is blue or red")
    assert [item.score for item in told.tried] == [1.0, 1.0, 0.7]
    assert (told.score, told.words) == (0.0, 50)


def test_what_is_told_as_rejected_takes_no_place_of_other_tries(study):
    memory = Memory(study, study.select)
    parent, other = entry(study, "Say red or blue."), entry(study, "Tell blue from red, please.")
    memory.note(other, study.base, "prompt", 0.6, kept=True)
    for number in range(3):
        child = entry(study, f"Say red or blue, attempt {number}.")
        memory.note(child, parent, "prompt", 0.4, kept=False)
    assert [item.text for item in lore(study, memory, parent).tried] == [
        "Tell blue from red, please."
    ]


def test_a_child_that_says_the_same_is_nothing_to_remember(study):
    memory = Memory(study, study.select)
    parent = entry(study, "Say red or blue.")
    context = context_of(study, parent, "prompt", random.Random(0))
    child = study.admit(context.child("read as label", format="label"))
    memory.note(child, parent, "prompt", 0.4, kept=False)
    told = lore(study, memory, parent)
    assert (list(told.tried), told.rejected) == ([], [])


def test_the_present_instruction_is_told_with_its_mean_on_the_cases_of_the_tries(study):
    parent = entry(study, "Say red or blue.")
    study.evaluate([parent], study.select)
    parts = study.select[:5], study.select[5:]
    told = [lore(study, Memory(study, cases), parent).score for cases in parts]
    assert told == [study.table.mean(parent.digest, cases) for cases in parts]
    assert told[0] != told[1]
