from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.proposing.template_writing import question, template_in

TEMPLATE = "{% section task %}\nRed or blue?\n{% endsection %}\n\nWord: {{ word }}\n"


def test_the_question_holds_the_template_as_it_is(file_regression):
    (turn,) = question(TEMPLATE)
    assert TEMPLATE.strip() in turn["content"]
    assert turn["role"] == "user"
    file_regression.check(turn["content"] + "\n")


def test_white_space_around_a_template_makes_no_other_question():
    assert question(TEMPLATE) == question(f"\n{TEMPLATE}\n\n")


@pytest.mark.parametrize(
    "answer",
    [
        TEMPLATE,
        f"```jinja\n{TEMPLATE}```",
        f"Here it is:\n<template>\n{TEMPLATE}</template>",
        f"<template>```\n{TEMPLATE}\n```</template>",
    ],
)
def test_a_template_is_read_out_of_its_wrapping(answer):
    assert template_in(answer) == TEMPLATE


@pytest.mark.parametrize("answer", ["", " \n", "```\n\n```", "<template></template>"])
def test_an_empty_answer_is_no_template(answer):
    assert template_in(answer) is None


@given(st.text(st.characters(exclude_characters="`<", exclude_categories=["Cs"]), max_size=200))
def test_what_was_taught_is_what_is_read(text):
    taught = f"{text.strip()}\n"
    assert template_in(taught) == (taught if text.strip() else None)
