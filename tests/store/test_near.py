from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from landrace.store.near import SIMILAR, groups, words

WORD = st.sampled_from("abcdefgh")
TEXT = st.lists(WORD, max_size=14).map(tuple)
LONG = tuple("abcdefghijkl")


def linked(texts):
    """The same groups, by brute force over all pairs."""
    parents = list(range(len(texts)))
    for _ in texts:
        for one, other in itertools.combinations(range(len(texts)), 2):
            if Indel.normalized_similarity(texts[one], texts[other]) >= SIMILAR:
                parents[one] = parents[other] = min(parents[one], parents[other])
    return parents


@given(st.lists(TEXT, max_size=12))
def test_the_groups_are_those_of_brute_force(texts):
    assert groups(texts) == linked(texts)


@given(st.lists(WORD, min_size=10, max_size=60), st.data())
def test_one_word_in_ten_may_differ(text, data):
    edited = list(text)
    for _ in range(len(text) // 10):
        edited[data.draw(st.integers(0, len(text) - 1))] = "z"
    assert groups([tuple(text), tuple(edited)]) == [0, 0]


def test_chains_are_one_group():
    texts = [LONG, (*LONG, "again"), (*LONG, "again", "and"), ("other",)]
    assert groups(texts) == [0, 0, 0, 3]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The kettle LEAKS.", "the kettle  leaks!"),
        ("\u201cYes\u201d, she said\u2026", '"yes" she said'),
        ("ﬁve", "five"),
    ],
)
def test_case_space_and_punctuation_of_prose_do_not_count(one, other):
    assert words({"text": one}) == words({"text": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [("3 + 5", "3 - 5"), ("( [ ] )", "[ ( ) ]"), ("...", "???"), ("2407", "2408"), ("x_1", "x-1")],
)
def test_symbols_count(one, other):
    assert words({"text": one}) != words({"text": other})


def test_a_text_without_spaces_is_taken_by_characters():
    assert len(words({"text": "\u6c34\u306f\u6d41\u308c\u308b"})) == 5


def test_all_leaves_count_in_order_of_their_names():
    assert words({"b": ["x", {"c": True}], "a": 3}) == ("3", "x", "true")


def test_short_texts_that_differ_stay_apart():
    assert groups([("hot",), ("hat",), ("what", "is", "hot"), ("what", "is", "cold")]) == [
        0,
        1,
        2,
        3,
    ]


def test_a_huge_templated_set_is_bounded_and_finished():
    # 4,000 texts of a tiny vocabulary: all pairs would be eight million comparisons.
    texts = [
        tuple(f"take {a} steps left take {b} steps right take {c} steps back".split())
        for a, b, c in itertools.product(range(16), range(16), range(16))
    ]
    assert len(groups(texts)) == 16**3
