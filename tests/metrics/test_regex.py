from __future__ import annotations

import pytest
from metric_samples import judged, make
from pydantic import ValidationError

from landrace.metrics.regex import MAX_CHARS


@pytest.mark.parametrize(
    ("options", "answer", "value"),
    [
        ({"pattern": "b+"}, "abba", 1),
        ({"pattern": "b+", "mode": "full"}, "abba", 0),
        ({"pattern": "b+", "mode": "full"}, " bb\n", 1),
        ({"pattern": "B"}, "b", 0),
        ({"pattern": "B", "flags": ["ignore_case"]}, "b", 1),
        ({"pattern": "^b"}, "a\nb", 0),
        ({"pattern": "^b", "flags": ["multiline", "multiline"]}, "a\nb", 1),
        ({"pattern": "a.b"}, "a\nb", 0),
        ({"pattern": "a.b", "flags": ["dot_all"]}, "a\nb", 1),
        ({"pattern": ""}, "", 1),
    ],
)
def test_modes_and_flags(options, answer, value):
    assert judged("regex", None, answer, **options).value == value


def test_the_expected_pattern_serves_where_there_is_no_option():
    score = judged("regex", "[0-9]+", "none")
    assert score.feedback == 'expected /[0-9]+/ anywhere in the answer, got "none"'


def test_a_bad_pattern_is_told_on_load():
    with pytest.raises(ValidationError, match="is no regular expression"):
        make("regex", pattern="(")
    assert "is no regular expression" in make("regex").check_expected("a{99999999999}")


def test_an_endless_answer_is_not_matched():
    assert judged("regex", None, "a" * MAX_CHARS, pattern="a").value == 1
    score = judged("regex", None, "a" * (MAX_CHARS + 1), pattern="a")
    assert (score.value, score.feedback) == (0, "expected at most 20000 characters, got 20001")


def test_a_pattern_is_no_answer_unless_it_is_plain_text():
    assert make("regex").right_answer(r"(?i)^\W*blue\b") is None
    assert make("regex").right_answer("red|crimson") is None
    assert make("regex").right_answer("dark blue") == "dark blue"
    assert make("regex").wanted("b+") == "an answer that matches the regular expression /b+/"
    full = "an answer the whole of which matches the regular expression /b+/"
    assert make("regex", mode="full").wanted("b+") == full


def test_where_one_pattern_is_for_all_cases_what_a_case_expects_is_an_answer():
    assert make("regex", pattern="^[a-z.]+$").right_answer("a.b") == "a.b"
