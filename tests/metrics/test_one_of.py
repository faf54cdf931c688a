from __future__ import annotations

from metric_samples import judged, make


def test_options_outweigh_expected():
    assert judged("one_of", "maybe", "yes ", options=["yes", "no"]).value == 1
    assert judged("one_of", "maybe", "maybe", options=["yes", "no"]).value == 0


def test_without_options_the_expected_list_is_allowed():
    assert judged("one_of", ["yes", "no"], "no").value == 1
    assert judged("one_of", ["yes", "no"], "No").value == 0
    assert judged("one_of", ["yes", "no"], "No", ignore_case=True).value == 1


def test_feedback_lists_what_is_allowed_but_not_without_end():
    score = judged("one_of", None, "x", options=list("abcdefg"))
    assert score.feedback == 'expected "a" or "b" or "c" or "d" or "e" or 2 more, got "x"'


def test_expected_is_free_only_with_options():
    assert make("one_of", options=["a"]).check_expected(None) is None
    assert "without `options`" in make("one_of").check_expected(None)
