from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import ConfigError
from landrace.program.ranking import Bm25, Vectors, best, by_maximum, round_robin

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=8).map(" ".join)


def reference(texts: list[str], query: str) -> dict[int, float]:
    """Robertson and Zaragoza's sum, text by text, as the module's docstring writes it."""
    k1, b = 1.2, 0.75
    documents = [text.split() for text in texts]
    average = sum(map(len, documents)) / len(documents)
    found = {}
    for position, document in enumerate(documents):
        if not set(query.split()) & set(document):
            continue
        score = 0.0
        for word in query.split():
            holders = sum(word in other for other in documents)
            idf = math.log(1 + (len(documents) - holders + 0.5) / (holders + 0.5))
            f = document.count(word)
            score += idf * f * (k1 + 1) / (f + k1 * (1 - b + b * len(document) / average))
        found[position] = score
    return found


@given(st.lists(TEXTS, min_size=1, max_size=12), TEXTS)
def test_bm25_agrees_with_the_formula(texts: list[str], query: str) -> None:
    (found,) = Bm25(texts).scores([query])

    assert found == pytest.approx(reference(texts, query))
    assert all(score > 0 for score in found.values())


def test_bm25_by_hand() -> None:
    # 2 texts, one with "b"; 3 and 1 words, 2 on average: idf = ln(1 + 1.5 / 1.5) = ln 2,
    # and 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 3 / 2)) = 2.2 / 2.65.
    (found,) = Bm25(["a a b", "a"]).scores(["B!"])

    assert found == {0: pytest.approx(math.log(2) * 2.2 / 2.65)}


def test_a_rare_word_outweighs_a_common_one() -> None:
    (found,) = Bm25(["cat dog", "cat emu", "cat fox"]).scores(["cat fox"])

    assert best(found, 3) == [2, 0, 1]


def test_texts_and_queries_without_words() -> None:
    assert Bm25([]).scores(["a"]) == [{}]
    assert Bm25(["", "..."]).scores(["a", ""]) == [{}, {}]


def test_words_that_differ_in_a_vowel_sign_are_different() -> None:
    (found,) = Bm25(["लड़का स्कूल गया", "लड़की स्कूल गई"]).scores(["लड़की"])

    assert list(found) == [1]


def test_thai_without_spaces_is_found() -> None:
    (found,) = Bm25(["ฉันชอบแมว", "ไปโรงเรียน"]).scores(["แมว"])

    assert best(found, 1) == [0]


VECTORS = {"x": [2.0, 0.0], "y": [0.0, 3.0], "xy": [1.0, 1.0], "-x": [-1.0, 0.0], "0": [0.0, 0.0]}


def embed(texts: list[str]) -> list[list[float]]:
    return [VECTORS[text] for text in texts]


def test_cosine() -> None:
    index = Vectors(["x", "y", "xy", "-x", "0"], embed)
    first, second = index.scores(["x", "0"])

    assert first == pytest.approx({0: 1, 1: 0, 2: math.sqrt(0.5), 3: -1, 4: 0})
    assert second == dict.fromkeys(range(5), 0.0)
    assert best(first, 5) == [0, 2, 1, 4, 3]
    assert index.scores([]) == []


def test_all_queries_are_embedded_at_once() -> None:
    calls: list[list[str]] = []

    def counting(texts: list[str]) -> list[list[float]]:
        calls.append(texts)
        return embed(texts)

    Vectors(["x", "y"], counting).scores(["xy", "0"])
    assert calls == [["x", "y"], ["xy", "0"]]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ([[1.0]], "not 2 vectors of one length"),
        ([[1.0], [1.0, 2.0]], "not 2 vectors of one length"),
        ([[1.0], [math.nan]], "not finite"),
        ([[1.0], [math.inf]], "not finite"),
    ],
)
def test_embeddings_that_are_no_vectors(answer: list[list[float]], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        Vectors(["a", "b"], lambda _texts: answer)


def test_a_query_of_another_model() -> None:
    index = Vectors(["x"], lambda texts: [[1.0, 2.0, 3.0][: len(texts[0]) + 1]])
    with pytest.raises(
        ConfigError, match="the query's vector has 3 numbers, and those of the corpus have 2"
    ):
        index.scores(["xy"])


SCORES = st.lists(st.dictionaries(st.integers(0, 9), st.integers(0, 3).map(float)), max_size=4)


@given(SCORES, st.integers(1, 12))
def test_the_best_come_first_and_equals_in_their_own_order(scores, limit: int) -> None:
    for each in scores:
        found = best(each, limit)
        assert found == sorted(each, key=lambda n: (-each[n], n))[:limit]


@given(SCORES, st.integers(1, 12))
def test_the_maximum_over_queries(scores, limit: int) -> None:
    highest = {n: max(s[n] for s in scores if n in s) for s in scores for n in s}

    assert by_maximum(scores, limit) == best(highest, limit)


@given(SCORES, st.integers(1, 12))
def test_round_robin_gives_each_query_its_turn(scores, limit: int) -> None:
    """Against a reference that keeps whole rankings."""
    rankings = [best(each, len(each)) if each else [] for each in scores]
    wanted: list[int] = []
    while any(rankings):
        for ranking in rankings:
            while ranking and ranking[0] in wanted:
                ranking.pop(0)
            if ranking:
                wanted.append(ranking.pop(0))

    assert round_robin(scores, limit) == wanted[:limit]
    assert Counter(round_robin(scores, limit)).most_common(1) in (
        [],
        [(wanted[0], 1)] if wanted else [],
    )


def test_the_two_aggregations_differ() -> None:
    strong = {0: 9.0, 1: 8.0, 2: 7.0}
    weak = {3: 1.0, 0: 0.5}

    assert by_maximum([strong, weak], 3) == [0, 1, 2]
    assert round_robin([strong, weak], 3) == [0, 3, 1]
