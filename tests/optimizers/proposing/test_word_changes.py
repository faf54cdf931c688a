from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.proposing.word_changes import changed_words

texts = st.lists(st.sampled_from(["say", "red", "or", "blue", "now."]), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("say red or blue", "say red or blue", 0),
        ("say red or blue", "say green or blue", 1),
        ("say red or blue", "say red or blue now", 1),
        ("say red or blue", "red", 3),
        ("say red or blue", "  say\n\nred or\tblue ", 0),
        ("say red", "Say red", 1),
        ("", "say it", 2),
    ],
)
def test_each_word_added_removed_or_replaced_counts(before, after, words):
    assert changed_words(before, after) == words


@given(texts, texts)
def test_it_counts_the_same_in_both_directions_and_nothing_only_for_the_same_words(one, other):
    words = changed_words(one, other)
    assert words == changed_words(other, one)
    assert (words == 0) == (one.split() == other.split())
    lengths = sorted((len(one.split()), len(other.split())))
    assert lengths[1] - lengths[0] <= words <= lengths[1]


@given(texts, texts, texts)
def test_two_edits_change_no_fewer_words_than_both_at_once(one, other, third):
    assert changed_words(one, third) <= changed_words(one, other) + changed_words(other, third)


@given(texts, st.lists(st.integers(0, 30), max_size=4))
def test_so_many_insertions_are_at_most_so_many_words(text, places):
    words = text.split()
    for place in places:
        words.insert(place, "new")
    assert changed_words(text, " ".join(words)) == len(places)
