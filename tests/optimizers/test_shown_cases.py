"""What counts as shown: demos, and cases that stand word for word in a candidate's files."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.shown_cases import ShownCases
from landrace.schemas.candidate import Candidate, Demo
from landrace.schemas.case import Case

CASES = [
    Case(id="kettle", inputs={"text": "The kettle leaks."}, expected="bad"),
    Case(id="quoted", inputs={"text": 'He said "no".\nTwice.'}, expected="bad"),
    Case(id="two", inputs={"title": "Socks", "text": "They fit."}, expected="good"),
    Case(id="number", inputs={"count": 7}, expected="good"),
]


def entry(text, *shown, digest="d"):
    demos = tuple(Demo(case_id=name, user="u", assistant="a") for name in shown)
    return SimpleNamespace(
        digest=digest,
        candidate=Candidate.plain(operator="given", demos=demos),
        variant=SimpleNamespace(templates={"prompt": text}),
    )


def shown(*args):
    return set(ShownCases(CASES).of(entry(*args)))


def test_a_demo_is_shown():
    assert shown("Is it good?", "number") == {"number"}


def test_what_stands_in_the_text_is_shown():
    assert shown("Is it good?\nThe kettle leaks. -> bad\n{{ text }}") == {"kettle"}


def test_a_text_in_json_is_shown():
    assert shown('[{"text": "He said \\"no\\".\\nTwice.", "answer": "bad"}]') == {"quoted"}


def test_all_texts_of_a_case_have_to_be_there_as_whole_words():
    assert shown("Socks are good.") == set()
    assert shown("Socks: They fit. Good!") == {"two"}
    assert shown("Sockset: They fit. Good!") == set()


def test_what_is_retrieved_from_is_no_example():
    given = entry("Is it good?")
    given.variant.files = {"cases.jsonl": '{"text": "The kettle leaks."}'}
    assert ShownCases(CASES).of(given) == frozenset()


def test_each_candidate_is_looked_at_once():
    cases = ShownCases(CASES)
    first = cases.of(entry("The kettle leaks."))
    assert cases.of(entry("something else")) is first
    assert cases.of(entry("something else", digest="e")) == frozenset()


@given(st.text(min_size=3).filter(lambda text: len(text.strip()) >= 3))
def test_any_text_is_found_between_spaces(text):
    case = Case(id="any", inputs={"text": text}, expected="x")
    assert ShownCases([case]).of(entry(f"Like {text.strip()} .")) == {"any"}
