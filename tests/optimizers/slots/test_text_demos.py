"""Examples in a prompt's text are told apart, or left alone where that would be a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.slots.data_formats import ORIENTATIONS, in_text
from landrace.optimizers.slots.formats import FORMATS
from landrace.optimizers.slots.text_demos import Reading, told_apart
from landrace.schemas.output import OutputContract

LABEL = OutputContract(type="label", labels=("red", "blue"))
NUMBER = OutputContract(type="number")
TEXT = OutputContract(type="text")
WORD = "Word: {{ word }}"
TAGGED = "<a>{{ a }}</a>\n<b>{{ b }}</b>"

said = st.text(st.sampled_from("ab \n"), min_size=1, max_size=8).map(str.strip).filter(bool)
labels = st.sampled_from(LABEL.labels)


def reading(given_part=WORD, form="base", contract=LABEL):
    return Reading(given_part, FORMATS[form], contract)


@pytest.mark.parametrize("form", ["base", "marker", "xml", "json"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
@given(pairs=st.lists(st.tuples(said.map("Word: {}".format), labels), min_size=1, max_size=4))
def test_inputs_and_labels_are_found_again(form, orientation, pairs):
    shown = [(user, FORMATS[form].wrap(answer)) for user, answer in pairs]
    assert told_apart(in_text(shown, orientation), reading(form=form)) == (orientation, shown)


@given(pairs=st.lists(st.tuples(said, said, said), min_size=1, max_size=4))
def test_free_text_is_told_from_an_input_that_says_where_it_ends(pairs):
    shown = [(f"<a>{a}</a>\n<b>{b}</b>", answer) for a, b, answer in pairs]
    found = told_apart(in_text(shown, "item"), reading(TAGGED, contract=TEXT))
    assert found == ("item", shown)


def test_free_text_is_told_from_an_input_that_is_known_or_of_a_single_line():
    shown = [("Word: a", "it is"), ("Word: b", "so\n\nit is")]
    text = in_text(shown, "item")
    assert told_apart(text, reading(contract=TEXT)) is None
    known = [user for user, _ in shown]
    assert told_apart(text, reading(contract=TEXT)._replace(known=known)) == ("item", shown)
    assert told_apart(in_text(shown[:1], "item"), reading(contract=TEXT)) == ("item", shown[:1])


@pytest.mark.parametrize(
    "text",
    [
        "Word: a\ngreen",
        "Word: a",
        "Noun: a\nred",
        "Word: a\nred\n\nWord: b",
        "Input 1:\nWord: a\n\nInput 2:\nWord: b\n\nOutput 1:\nred",
        "",
    ],
)
def test_what_are_no_examples_of_the_input_is_left_alone(text):
    assert told_apart(text, reading()) is None


def test_an_answer_of_another_form_is_none():
    assert told_apart("Word: a\nred", reading(form="xml")) is None
    assert told_apart("Word: a\nseven", reading(contract=NUMBER)) is None
    assert told_apart("Word: a\n7", reading(contract=NUMBER)) == ("item", [("Word: a", "7")])


@pytest.mark.parametrize("logic", ["{% if a %}Word: {% endif %}{{ word }}", "{# a #}{{ word }}"])
def test_of_an_input_with_logic_or_comments_only_the_answers_are_known(logic):
    shown = [("Word: a\n\nb", "red"), ("c", "blue")]
    assert told_apart(in_text(shown, "item"), reading(logic)) == ("item", shown)
