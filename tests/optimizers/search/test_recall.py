from __future__ import annotations

import pytest

from landrace.optimizers.search.recall import Past, recalled, word_counts

PAST = [Past("a", 0.9), Past("b", 0.2), Past("c", 0.7), Past("d", 0.5), Past("e", 0.4)]
VECTORS = {"a": [1.0, 0.0], "b": [0.0, 2.0], "c": [0.6, 0.6], "d": [0.0, 0.0], "e": [0.1, 1.0]}


def embed(texts):
    return [VECTORS[text] for text in texts]


@pytest.mark.parametrize(
    ("by", "texts"),
    [
        ("none", []),
        ("summary", []),
        ("recency", ["c", "d", "e"]),
        ("importance", ["d", "c", "a"]),
        ("relevance", ["c", "b", "e"]),
    ],
)
def test_each_memory_recalls_its_three_and_what_matters_most_is_last(by, texts):
    assert [item.text for item in recalled(PAST, 3, by, embed)] == texts


def test_a_text_that_comes_back_stands_once_with_its_latest_score():
    again = [*PAST, Past("b", 0.3)]
    assert recalled(again, 9, "recency", embed) == [*(p for p in PAST if p.text != "b"), again[-1]]


@pytest.mark.parametrize("by", ["recency", "importance", "relevance"])
def test_the_first_step_recalls_the_present_alone(by):
    assert recalled(PAST[:1], 3, by, embed) == PAST[:1]


def test_word_counts_find_the_text_that_shares_most_words():
    past = [Past("Say the number.", 0.1), Past("Name the COLOUR, red or blue.", 0.2)]
    found = recalled([*past, Past("Is the colour red?", 0.3)], 2, "relevance", word_counts)
    assert found[0] == past[1]


def test_texts_without_words_have_no_counts():
    assert word_counts(["", "…"]) == [[], []]
