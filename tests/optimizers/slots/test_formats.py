"""How an example's answer looks in each form, also where the model gave it in its own words."""

from __future__ import annotations

import pytest

from landrace.errors import TemplateError
from landrace.optimizers.slots.formats import (
    FORMATS,
    bare_answer,
    formats_for,
    says_more,
    shown_answer,
)
from landrace.schemas.prompt import OutputContract

LABEL = OutputContract(type="label", labels=("red", "blue"))
TEXT = OutputContract(type="text")
NUMBER = OutputContract(type="number")
LIST = OutputContract.model_validate(
    {
        "type": "json",
        "schema": {"type": "array", "items": {"type": "string", "enum": ["toys", "books"]}},
    }
)


@pytest.mark.parametrize(
    ("form", "contract", "own", "shown"),
    [
        ("multi-label", LIST, 'Sure:\n```json\n["books", "toys"]\n```', "books, toys"),
        ("multi-label", LIST, "[]", "none"),
        ("marker", NUMBER, "Three and four make 7", "Answer: 7"),
        ("json", NUMBER, "That is 12.", '{"answer": "12"}'),
        ("xml", LABEL, "red", "<answer>red</answer>"),
        ("xml", TEXT, "I think so.\n<answer>a fox</answer>", "<answer>a fox</answer>"),
        ("multi-label", LIST, "Books, toys", "books, toys"),
        ("base", NUMBER, "Three and four make 7", "Three and four make 7"),
        ("first-line", LABEL, "red\nfor it is short", "red\nfor it is short"),
    ],
)
def test_own_words_are_read_before_they_are_put_into_another_form(form, contract, own, shown):
    assert shown_answer(FORMATS[form], own, contract, own_words=True) == shown


def test_a_label_is_put_into_a_form_as_it_is():
    assert shown_answer(FORMATS["marker"], "red", LABEL, own_words=False) == "Answer: red"


def test_own_words_without_an_answer_cannot_be_shown_in_another_form():
    with pytest.raises(TemplateError, match="own words has no answer for multi-label"):
        shown_answer(FORMATS["multi-label"], "I would say cars.", LIST, own_words=True)


@pytest.mark.parametrize(
    ("contract", "answers"),
    [
        (LABEL, ["red", "blue"]),
        (NUMBER, ["7", "-1.5"]),
        (TEXT, ["a fox", 'two\n\n"lines"', "<answer>", ""]),
        (LIST, ["[]", '["books"]', '["toys", "books"]']),
    ],
)
def test_the_answer_in_an_example_is_found_again(contract, answers):
    for form in formats_for(contract):
        assert [bare_answer(form, form.wrap(each), contract) for each in answers] == answers


@pytest.mark.parametrize(
    ("form", "contract", "shown"),
    [
        ("marker", NUMBER, "7"),
        ("xml", TEXT, "<answer>a fox"),
        ("json", LABEL, '{"answer":"red"}'),
        ("json", LABEL, '["red"]'),
        ("json", LABEL, "red"),
        ("multi-label", LIST, "Books"),
        ("multi-label", LIST, "cars"),
    ],
)
def test_what_a_form_did_not_write_has_no_answer_of_it(form, contract, shown):
    assert bare_answer(FORMATS[form], shown, contract) is None


def test_own_words_say_more_than_the_answer():
    assert says_more("Three and four make 7", NUMBER)
    assert not says_more("7", NUMBER)
    assert not says_more("none", NUMBER)
    assert not says_more("red", LABEL)
