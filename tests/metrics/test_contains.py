from __future__ import annotations

from metric_samples import judged, make


def test_all_names_what_is_missing():
    score = judged("contains", ["red", "blue", "Green"], "red, green")
    assert score.value == 0
    assert score.feedback == ('missing "blue", "Green" (2 of 3 expected texts), got "red, green"')


def test_any_needs_one():
    assert judged("contains", ["red", "blue"], "all blue", mode="any").value == 1
    score = judged("contains", ["red", "blue"], "green", mode="any")
    assert score.feedback == 'expected the answer to contain "red" or "blue", got "green"'


def test_case():
    assert judged("contains", "Red", "red").value == 0
    assert judged("contains", "Red", "red", ignore_case=True).value == 1


def test_a_json_answer_is_read_as_its_text():
    assert judged("contains", '"a": 1', {"a": 1}).value == 1


def test_of_texts_that_all_have_to_be_there_none_is_an_answer():
    parts = ["refund", "14 days"]
    assert make("contains").right_answer(parts) is None
    assert make("contains").wanted(parts) == 'an answer that contains each of "refund", "14 days"'
    assert make("contains", mode="any").right_answer(parts) == "refund"
    assert make("contains").right_answer(["refund"]) == "refund"
    assert make("contains").right_answer("refund") == "refund"
