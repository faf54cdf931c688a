from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.slots.phrases import (
    Phrase,
    apart,
    delete,
    every,
    insert,
    replace,
    some_pair,
    swap,
    tidy,
)

TEXT = "Say whether the review, which may be short, is positive. Use one word."


def at(words):
    start = TEXT.index(words)
    return Phrase(start, start + len(words))


def test_a_deleted_phrase_takes_its_blank_and_comma_along():
    assert delete(TEXT, at("which may be short")).startswith("Say whether the review, is positive.")
    assert delete(TEXT, at("Use one word.")) == TEXT.removesuffix(" Use one word.")


def test_swap_replace_and_insert():
    swapped = swap(TEXT, at("positive"), at("the review"))
    assert swapped.startswith("Say whether positive, which may be short, is the review.")
    assert replace(TEXT, at("Use one word."), " Be brief. ").endswith("is positive. Be brief.")
    assert insert(TEXT, at("one").start, "just").endswith("Use just one word.")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("the review", "the text.", "Say whether the text, which may be short, is positive."),
        ("positive", "good. ", "Say whether the review, which may be short, is good."),
        ("which may be short", "a long one!", "Say whether the review, a long one, is positive."),
        ("which may be short,", "a film's.", "Say whether the review, a film's is positive."),
    ],
)
def test_new_words_end_a_sentence_only_where_the_old_ones_did(old, new, expected):
    assert replace(TEXT, at(old), new) == f"{expected} Use one word."


def test_swapped_phrases_leave_stops_in_their_place():
    assert swap(TEXT, at("positive"), at("Use one word.")).endswith("is Use one word. positive")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At 9 a.m., come", "At 9 a.m. come"),
        ("Words, e.g., .", "Words, e.g."),
        ("Name the .json files, weigh them by .5 .", "Name the .json files, weigh them by .5."),
        ("Go on ...", "Go on..."),
    ],
)
def test_blanks_stay_between_words(text, expected):
    assert tidy(text) == expected


def test_every_phrase_comes_before_what_it_is_made_of():
    inner = Phrase(2, 3)
    outer = Phrase(0, 5, (inner,))
    assert every([outer, Phrase(6, 7)]) == [outer, inner, Phrase(6, 7)]


spans = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda s: Phrase(s[0], s[0] + s[1]))


@given(st.lists(spans, max_size=6), st.integers(0, 9))
def test_swapped_phrases_never_overlap(phrases, seed):
    pair = some_pair(phrases, random.Random(seed))
    assert (pair is None) == (not apart(phrases))
    if pair:
        assert pair[0].end <= pair[1].start or pair[1].end <= pair[0].start


words = st.text(alphabet="abc", min_size=1, max_size=4)
stops = st.sampled_from(["", "", ",", ".", "!", ":"])
sentences = st.lists(st.tuples(words, stops), min_size=2, max_size=8)


@st.composite
def stretches(draw):
    """Words with stops, and a phrase of some of them with or without its stop."""
    parts = draw(sentences)
    first = draw(st.integers(0, len(parts) - 1))
    last = draw(st.integers(first, len(parts) - 1))
    text = " ".join(word + stop for word, stop in parts)
    before = " ".join(word + stop for word, stop in parts[:first])
    inside = " ".join(word + stop for word, stop in parts[first : last + 1])
    if draw(st.booleans()):
        inside = inside.removesuffix(parts[last][1])
    start = len(before) + bool(before)
    return text, Phrase(start, start + len(inside))


def is_clean(text):
    return not re.search(r"[a-z][.,!:]+[a-z]|\.\.|[.!:],", text)


def letters(text):
    return re.findall("[a-z]+", text)


@given(stretches(), sentences)
def test_no_words_grow_together_and_no_stop_stands_twice(stretch, parts):
    text, phrase = stretch
    new = " ".join(word + stop for word, stop in parts)
    replaced = replace(text, phrase, new)
    before, after = text[: phrase.start], text[phrase.end :]
    assert letters(replaced) == [*letters(before), *letters(new), *letters(after)]
    assert is_clean(replaced)
    assert is_clean(delete(text, phrase))
    assert is_clean(insert(text, phrase.start, new))


@given(st.text(alphabet="ab ,.\n", max_size=40))
def test_tidying_keeps_every_letter_and_is_done_once(text):
    tidied = tidy(text)
    assert [c for c in tidied if c in "ab"] == [c for c in text if c in "ab"]
    assert tidied.split() == tidy(tidied).split()


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_nothing_stays_nothing(text):
    assert tidy(text) == ""
