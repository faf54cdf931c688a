from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.strategies.promst.detectors import DETECTORS, Sight, detected
from landrace.schemas.output import OutputContract

LABEL = OutputContract(type="label", labels=("spam", "not spam", "unclear"), max_tokens=8)
TEXT = OutputContract(type="text", max_tokens=20)
PROSE = "They went to the market early and bought bread for all of us,"


@pytest.mark.parametrize(
    ("name", "output", "contract", "said"),
    [
        ("empty", " \n", TEXT, "Nothing was written."),
        ("empty", "x", TEXT, ""),
        ("labels", "It is Spam.", LABEL, ""),
        ("labels", "It is not spam", LABEL, ""),
        ("labels", "spam or unclear", LABEL, "It names several labels: spam, unclear."),
        ("labels", "spammer", LABEL, "It names none of the allowed labels."),
        ("labels", "anything", TEXT, ""),
        ("too long", "spam", LABEL, ""),
        ("too long", "spam " * 23, LABEL, "It has 23 words around the answer."),
        ("too long", PROSE, TEXT, "It seems cut off, after 13 words."),
        ("too long", PROSE + " he said.", TEXT, ""),
        ("repeated", "so it is, so it is, so it is, so it is", TEXT, ""),
        ("repeated", "a b c d " * 4, TEXT, "It says again and again: a b c d"),
        ("repeated", "no\nyes\nno\nno\nno", TEXT, "It says again and again: no"),
    ],
)
def test_what_a_detector_says(name, output, contract, said):
    assert DETECTORS[name](Sight(output, None, contract)) == said


def test_an_unreadable_output_has_its_reason():
    sight = Sight("{", "no JSON", OutputContract(type="json"))
    assert detected(sight, ["format"]) == ("format", "The output could not be read: no JSON.")


def test_the_first_detector_that_finds_something_counts():
    sight = Sight("", "its answer cannot be read", LABEL)
    assert detected(sight, ["format", "empty"])[0] == "format"
    assert detected(sight, ["empty", "format"])[0] == "empty"
    assert detected(sight, []) is None


def test_a_rule_of_ones_own_is_a_function_of_a_sight():
    rules = {"shouts": lambda sight: "It shouts." if sight.output.isupper() else ""}
    assert detected(Sight("NO", None, TEXT), ["shouts"], rules) == ("shouts", "It shouts.")


@given(st.text(), st.sampled_from([LABEL, TEXT, OutputContract(type="number")]))
def test_every_output_can_be_looked_at(output, contract):
    for rule in DETECTORS.values():
        assert isinstance(rule(Sight(output, None, contract)), str)
