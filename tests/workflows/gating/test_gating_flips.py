from __future__ import annotations

from landrace.gate.evidence import CaseEvidence, Evidence
from landrace.schemas.case import Case
from landrace.schemas.score import Outcome, Score, Usage
from landrace.workflows.gating.flips import MOST_CHARACTERS, SHOWN, flips


def outcome(case_id, score, output="out", repeat=0, feedback=""):
    return Outcome(*("side", case_id, repeat), output, output, Score(score, feedback), Usage(), 0.0)


def case(case_id="a", *, base=(1.0,), head=(0.0,), critical=False, inputs=None, expected="red"):
    made = Case(
        id=case_id,
        inputs={"word": case_id} if inputs is None else inputs,
        expected=expected,
        metadata={"critical": True} if critical else {},
    )
    sides = (
        tuple(
            outcome(case_id, score, f"{name}{n}", n, f"{name} {score}")
            for n, score in enumerate(side)
        )
        for name, side in (("base", base), ("head", head))
    )
    return CaseEvidence(made, *sides)


def found(*cases):
    return flips(Evidence(cases, ("exact_match",)))


def test_only_cases_on_which_the_sides_differ():
    assert found(case("same", head=(1.0,)), case("gone", head=())) == ()


def test_losses_first_then_critical_ones_then_the_largest():
    ids = [
        flip.case_id
        for flip in found(
            case("won", base=(0.0,), head=(1.0,), critical=True),
            case("slight", head=(0.9,)),
            case("whole"),
            case("critical", head=(0.95,), critical=True),
            case("also", head=(0.9,)),
        )
    ]
    assert ids == ["critical", "whole", "also", "slight", "won"]


def test_ten_at_most():
    assert len(found(*(case(f"c{n}") for n in range(30)))) == SHOWN == 10


def test_it_shows_the_answer_nearest_to_the_mean_and_the_feedback_of_the_worse_side():
    [flip] = found(case(base=(1.0, 1.0, 0.4), head=(0.0, 0.5, 1.0)))
    assert (flip.base_output, flip.head_output) == ("base0", "head1")
    assert flip.feedback == "head 0.0"
    assert (flip.base_score, flip.head_score) == (0.8, 0.5)
    [won] = found(case(base=(0.0,), head=(1.0,)))
    assert won.feedback == "base 0.0"


def test_inputs_are_shown_plainly_and_nothing_expected_is_empty():
    one, several, none = found(
        case("a", inputs={"word": "Wört"}),
        case("b", inputs={"word": "x", "n": 1}),
        case("c", inputs={}, expected=None),
    )
    assert (one.input, several.input, none.input) == ("Wört", '{"word": "x", "n": 1}', "{}")
    assert (one.expected, none.expected) == ("red", "")


def test_secrets_are_masked_before_texts_are_cut(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "s3cret-value-of-mine")
    text = "x" * (MOST_CHARACTERS - 5) + "s3cret-value-of-mine"
    [flip] = found(case(inputs={"word": text}))
    assert len(flip.input) == MOST_CHARACTERS
    assert "s3c" not in flip.input


def test_outputs_that_were_not_recorded_are_none_and_no_word():
    [flip] = found(case()._replace(base=(outcome("a", 1.0, None),), head=(outcome("a", 0.0, ""),)))
    assert (flip.base_output, flip.head_output) == (None, "")
