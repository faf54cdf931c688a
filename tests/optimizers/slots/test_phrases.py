from __future__ import annotations

import random

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


@given(st.text(alphabet="ab ,.\n", max_size=40))
def test_tidying_keeps_every_letter_and_is_done_once(text):
    tidied = tidy(text)
    assert [c for c in tidied if c in "ab"] == [c for c in text if c in "ab"]
    assert tidied.split() == tidy(tidied).split()


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_nothing_stays_nothing(text):
    assert tidy(text) == ""
