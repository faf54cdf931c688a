from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from landrace.metrics.text import MAX_QUOTE, as_text, number_in, quote, strip_marks


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("a", "a"),
        (3.0, "3"),
        (0.5, "0.5"),
        (True, "true"),
        (None, "null"),
        ({"a": ["é"]}, '{"a": ["é"]}'),
    ],
)
def test_as_text(answer, text):
    assert as_text(answer) == text


ANY_TEXT = st.text(st.characters(codec=None))


@example({"a": ["\ud83d"]})
@given(ANY_TEXT | st.lists(ANY_TEXT) | st.dictionaries(ANY_TEXT, ANY_TEXT))
def test_a_quote_is_one_short_line_that_can_be_written(answer):
    quoted = quote(answer)
    assert "\n" not in quoted
    assert quoted.encode("utf-8")
    assert len(quoted) <= 6 * MAX_QUOTE + 3


@given(st.text())
def test_marks_alone_are_kept(text):
    assert bool(strip_marks(text)) == bool(text)


@pytest.mark.parametrize(
    ("answer", "number"),
    [("is 3", 3), (2.5, 2.5), (True, None), (None, None), ([1], None), ("", None), (10**400, None)],
)
def test_number_in(answer, number):
    assert number_in(answer) == number


@given(st.floats(0, 1, exclude_max=True).map(lambda share: f"{share:.6f}"[1:]), st.text("*_`'\""))
def test_the_point_that_begins_a_number_is_no_mark(number, around):
    assert strip_marks(f"{around}{number}{around}") == number
