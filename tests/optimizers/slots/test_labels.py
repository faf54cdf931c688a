"""What a case's label says of a right answer."""

from __future__ import annotations

from landrace.metrics.table import build
from landrace.optimizers.slots.labels import answered_cases, right_text, wanted_text
from landrace.schemas.case import Case
from landrace.schemas.prompt import MetricConfig, OutputContract

TEXT, NUMBER = OutputContract(type="text"), OutputContract(type="number")
REGEX = build([MetricConfig(metric="regex")])
EXACT = build([MetricConfig(metric="exact_match")])


def case(expected):
    return Case(id="c", inputs={"word": "sky"}, expected=expected)


def test_a_label_that_is_an_answer_is_told_as_it_is():
    assert right_text(EXACT, case("blue"), TEXT) == wanted_text(EXACT, case("blue"), TEXT) == "blue"
    assert right_text(EXACT, case([3, 5]), NUMBER) == "3"


def test_one_that_is_none_is_told_in_words():
    assert right_text(REGEX, case("^b+"), TEXT) is None
    told = "an answer that matches the regular expression /^b+/"
    assert wanted_text(REGEX, case("^b+"), TEXT) == told


def test_of_a_case_without_a_label_nothing_is_told():
    assert right_text(REGEX, case(None), TEXT) is None
    assert wanted_text(REGEX, case(None), TEXT) == ""


def test_cases_with_answers_expect_them():
    given = [case("blue"), case("^b+"), case(None)]
    assert answered_cases(REGEX, given) == given[:1]
    assert [each.expected for each in answered_cases(EXACT, [case([3, 5]), case(7)])] == [3, 7]
