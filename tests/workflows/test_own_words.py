"""Words of an instruction show no case; whatever may be an example of one does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colours import SOURCE
from landrace.schemas.case import Case
from landrace.workflows.own_words import OwnWords
from landrace.workflows.training_scope import Scope

TASK = "Which colour does the word have? Say red or blue."
ASKED = "\n\nWord: zz1"


def is_shown(prompt, word="blue", expected="blue", source=SOURCE, **inputs):
    case = Case(id="x", inputs={"word": word, **inputs}, expected=expected)
    return not Scope(hidden=[case]).has_prompt(prompt, OwnWords([source]))


@pytest.mark.parametrize(
    ("word", "expected"),
    [("blue", "blue"), ("word", "red"), ("colour", "blue"), ("Word", "red"), ("red", "red")],
)
def test_a_word_of_the_instruction_is_not_shown_by_it(word, expected):
    assert not is_shown(TASK + ASKED, word, expected)


@pytest.mark.parametrize(
    "prompt",
    [
        f"{TASK}\n\nWord: blue\nblue{ASKED}",
        f"{TASK}\nblue\nblue{ASKED}",
        f"Word: blue\nblue\n{TASK}{ASKED}",
        f"Word: blue\nthe sea's colour{ASKED}",
        f"Say blue or red.{ASKED}",
    ],
    ids=["example", "turns", "example first", "in other words", "another instruction"],
)
def test_what_stands_elsewhere_is_shown(prompt):
    assert is_shown(prompt)


@pytest.mark.parametrize(
    "example",
    [
        "Word: sky\nblue\n\nWord: {{ word }}",
        "Word sky\nColour blue\n\nWord: {{ word }}",
        "{% user %}sky{% enduser %}{% assistant %}Blue.{% endassistant %}{{ word }}",
        "Say red or blue, as for sky it would be blue.\n{{ word }}",
        "sky -> blue\n{{ word }}",
        "E.g. sky. It is\nblue. {{ word }}",
    ],
)
def test_an_example_of_the_authors_shows_its_case(example):
    prompt = example.replace("{{ word }}", "zz1")
    assert is_shown(prompt, "sky", "blue", example)


def test_what_may_be_an_example_is_shown():
    assert is_shown(TASK + ASKED, "the word", "green")
    assert is_shown(TASK + ASKED, "red", "blue")
    assert is_shown(TASK + ASKED, "blue", {"colour": "green"})


def test_all_inputs_have_to_be_said_by_the_base():
    assert not is_shown(TASK + ASKED, "blue", "green", kind="have")
    assert is_shown(f"{TASK}\nblue, sea: green{ASKED}", "blue", "green", kind="sea")


def test_a_piece_that_is_the_input_excuses_nothing():
    source = "{% if word %}blue{% endif %} {{ word }}"
    assert is_shown("blue -> green\nzz1", "blue", "green", source)


@given(st.from_regex(r"[A-Za-z]{3,8}", fullmatch=True), st.text(max_size=20))
def test_an_example_before_the_question_is_always_shown(word, answer):
    assert is_shown(f"{TASK}\n\nWord: {word}\n{answer}{ASKED}", word, answer)
