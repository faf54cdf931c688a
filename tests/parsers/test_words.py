from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.parsers.words import composed, edges, terms, words


@pytest.mark.parametrize("split", [words, terms])
def test_words_are_letters_and_digits_without_case(split):
    assert split("Straße 12, the_end! É-mail") == ["strasse", "12", "the", "end", "é", "mail"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("लड़का लड़की", ["लड़का", "लड़की"]),
        ("cafe\u0301 CAF\u00c9", ["caf\u00e9", "caf\u00e9"]),
        ("\u0130zmir", ["i\u0307zmir"]),
        ("1\ufe0f\u20e3 \u2764\ufe0fgood", ["1", "good"]),
        ("\u0301 a\u0301\u0316!", ["\u00e1\u0316"]),
    ],
)
def test_marks_belong_to_the_letter_before_them(text, found):
    assert words(text) == [unicodedata.normalize("NFC", word) for word in found]


def test_without_spaces_each_letter_with_its_marks_is_a_term():
    assert words("ไม่ดี ok") == ["ไม่ดี", "ok"]
    assert terms("ไม่ดี ok ๑๒") == ["ไ", "ม่", "ดี", "ok", "๑๒"]


@given(st.text(st.characters(codec="ascii")))
def test_ascii_has_words_as_it_ever_had(text):
    assert words(text) == terms(text) == re.findall(r"[^\W_]+", text.casefold())


@given(st.text())
def test_both_forms_of_a_text_have_the_same_words(text):
    assert words(composed(text)) == words(unicodedata.normalize("NFD", text.casefold()))


@pytest.mark.parametrize(
    ("word", "text", "stands"),
    [
        ("ดี", "ไม่ดี", False),
        ("लड", "लड़का", False),
        ("का", "का!", True),
        ("good", "\u2764\ufe0fgood", True),
    ],
)
def test_edges(word, text, stands):
    before, after = edges(text)
    assert bool(re.search(before + word + after, text)) is stands


def test_marks_without_end_are_left_as_they_are():
    """To order so many would take minutes."""
    text = "a" + "\u0301\u0316" * 500_000
    assert composed(text) is text
