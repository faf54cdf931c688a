from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.slots.data_formats import (
    DATA_FORMATS,
    ORIENTATIONS,
    examples,
    retrieved,
    suitable,
)
from landrace.optimizers.slots.formats import FORMATS, answer_text, formats_for
from landrace.parsers import parse
from landrace.schemas.prompt import OutputContract
from landrace.template import compile_template, inputs_read
from landrace.template import parse as parse_template

TEXT = OutputContract(type="text")
LABEL = OutputContract(type="label", labels=("yes", "no"))
NUMBER = OutputContract(type="number")
FREE_JSON = OutputContract(type="json", schema={"type": "object"})
TOPICS = OutputContract(
    type="json", schema={"type": "array", "items": {"enum": ["sport", "arts", "law"]}}
)
NAMES = ("word", "long_name")

shown_text = st.text(alphabet='ab "{}%#<>:\n', min_size=1, max_size=20).filter(str.strip)


def read(form, contract, text):
    return parse(FORMATS[form.answer(contract)].parser(contract), text)


@pytest.mark.parametrize("form", DATA_FORMATS.values(), ids=lambda form: form.name)
@given(word=shown_text, other=shown_text)
def test_inputs_stay_open_and_are_all_shown(form, word, other):
    source = form.inputs(NAMES)
    assert inputs_read(parse_template(source)) == set(NAMES)
    written = form.written({"word": word, "long_name": other})
    shown = written.replace("\\n", "\n").replace('\\"', '"')
    assert word.strip() in shown
    assert other.strip() in shown


@pytest.mark.parametrize(
    ("contract", "expected"),
    [(LABEL, "yes"), (NUMBER, 12), (TEXT, "a text"), (TOPICS, ["sport", "law"]), (TOPICS, [])],
)
def test_what_a_demo_shows_is_what_is_read(contract, expected):
    assert suitable(contract)
    for form in suitable(contract):
        wrapped = FORMATS[form.answer(contract)].wrap(answer_text(expected, contract))
        assert str(read(form, contract, wrapped)) == str(expected)


def test_multi_label_is_for_lists_of_labels_alone():
    assert DATA_FORMATS["multi-label"] in suitable(TOPICS)
    for contract in (TEXT, LABEL, NUMBER, FREE_JSON):
        assert DATA_FORMATS["multi-label"] not in suitable(contract)
    assert [form.name for form in formats_for(FREE_JSON)] == ["base"]


@given(st.lists(shown_text, min_size=1, max_size=4), st.sampled_from(ORIENTATIONS))
def test_examples_are_literal_text_whatever_they_hold(texts, orientation):
    for form in suitable(LABEL):
        source = examples(form, [({"word": text}, "yes") for text in texts], LABEL, orientation)
        assert inputs_read(parse_template(source)) == set()
        printed = compile_template(f"{{% user %}}{source}{{% enduser %}}").render({})[0]["content"]
        assert printed.count("yes") == len(texts)


def test_orientations_by_hand():
    form = DATA_FORMATS["question-answer"]
    shown = [({"word": "one"}, "yes"), ({"word": "two"}, "no")]
    by_item = "Word: one\nAnswer: yes\n\nWord: two\nAnswer: no"
    by_kind = "Input 1:\nWord: one\n\nInput 2:\nWord: two\n\nOutput 1:\nAnswer: yes\n\nOutput 2:\nAnswer: no"
    assert examples(form, shown, LABEL, "item") == by_item
    assert examples(form, shown, LABEL, "kind") == by_kind


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("form", suitable(LABEL), ids=lambda form: form.name)
def test_retrieved_examples_are_written_when_the_program_runs(form, orientation):
    source = retrieved(form, "shots", ("word",), LABEL, orientation)
    assert inputs_read(parse_template(source)) == {"shots"}
    shots = [
        {"inputs": {"word": "one"}, "expected": "yes"},
        {"inputs": {"word": "two"}, "expected": "no"},
    ]
    text = compile_template(source).render({"shots": shots})[0]["content"]
    order = [text.index(word) for word in ("one", "yes", "two", "no")]
    by_kind = [order[0], order[2], order[1], order[3]]
    assert (order if orientation == "item" else by_kind) == sorted(order)
    one = compile_template(source).render({"shots": shots[1:]})[0]["content"]
    assert read(form, LABEL, one) == "no"


@pytest.mark.parametrize(
    ("contract", "expected", "right"),
    [
        (LABEL, ["no", "yes"], "no"),
        (LABEL, "no", "no"),
        (NUMBER, 12, 12),
        (TEXT, ["a text", "another"], "a text"),
        (TOPICS, ["sport", "law"], ["sport", "law"]),
        (TOPICS, [], []),
        (OutputContract(type="json"), "a text", "a text"),
    ],
)
def test_what_a_retrieved_example_shows_is_what_is_read(contract, expected, right):
    shots = [{"inputs": {"word": "one"}, "expected": expected}]
    for form in suitable(contract):
        source = retrieved(form, "shots", ("word",), contract, "item", has_choices=True)
        text = compile_template(source).render({"shots": shots})[0]["content"]
        answer = text.removeprefix(form.written({"word": "one"})).strip()
        assert str(read(form, contract, answer)) == str(right)
