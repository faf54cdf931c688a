from __future__ import annotations

from typing import Any

import pytest

from landrace.digest import text_digest
from landrace.errors import ConfigError, FormatError, IntegrityError
from landrace.program import Corpus, Library, corpus_of_cases, read_corpus
from landrace.program import corpus as corpus_module
from program_world import graph_of

TOWNS = read_corpus(
    b'{"text": "red bus", "n": 0}\n{"text": "red car"}\n{"text": "blue car"}\n', "corpus.jsonl"
)
CASES = corpus_of_cases(
    [
        ({"review": "fine film", "lang": "en"}, "good"),
        ({"review": "dull film", "lang": "en"}, "bad"),
        ({"review": "fine film", "lang": "de"}, "gut"),
    ]
)


def found(queries, corpus: Corpus = TOWNS, *, embed=None, inputs=None, **fields: Any) -> list[int]:
    """The positions of what a node with these fields finds."""
    fields = {"query": "q", "from": corpus.name} | fields
    graph = graph_of({"n": {"retrieve": fields}}, "n")
    search = Library({corpus.name: corpus}, embed).searches(graph)["n"]
    items = search([queries] if isinstance(queries, str) else queries, inputs or {})
    return [corpus.items.index(item) for item in items]


def test_bm25_finds_what_shares_words_best_first() -> None:
    assert found("blue car") == [2, 1]
    assert found("car blue", count=1) == [2]
    assert found("green") == []
    assert found([]) == []


def test_exact_matches_stay_out_where_it_says_so() -> None:
    assert found("red car") == [1, 0, 2]
    assert found(" red car\n", exclude_exact=True) == [0, 2]
    assert found(["red car", "blue car"], exclude_exact=True) == [0]


def test_several_queries_are_merged_as_the_node_says() -> None:
    # "bus" alone is rarer than "red" and "car" together: ln(8/3) against 2 ln(8/5).
    assert found(["red car", "bus"], count=2, aggregate="round_robin") == [1, 0]
    assert found(["red car", "bus"], count=2, aggregate="max") == [0, 1]


def test_a_case_is_no_example_for_itself() -> None:
    own = {"review": "fine film", "lang": "en"}
    options = {"corpus": CASES, "text": "review", "inputs": own}

    assert found("fine", **options) == [2]
    assert found("fine", exclude_exact=True, **options) == [2]
    # The text of another case is the query: who wants that shown may say so.
    assert found("fine film", exclude_exact=True, **options) == [1]
    assert found("fine film", exclude_exact=False, **options) == [2, 1]


def test_cases_are_searched_in_all_inputs_or_one() -> None:
    assert found("de", CASES, text=None) == [2]
    assert found("de", CASES, text="review") == []
    with pytest.raises(ConfigError, match="searches `reviw`, which is no input of the cases"):
        found("de", CASES, text="reviw")


def test_inputs_that_are_no_text_are_searched_as_json() -> None:
    cases = corpus_of_cases([({"tags": ["a", "b"]}, 1), ({"tags": ["c"]}, 2)])

    assert found("c", cases, text=None) == [1]


def test_embeddings_come_from_the_function_handed_in() -> None:
    def embed(texts: list[str]) -> list[list[float]]:
        return [[float("red" in text), float("car" in text)] for text in texts]

    assert found("a car", by="embeddings", embed=embed) == [2, 1, 0]
    with pytest.raises(ConfigError, match="`n` retrieves by embeddings, and nothing makes any"):
        found("a car", by="embeddings")


def test_an_index_is_made_once_for_all_candidates() -> None:
    asked: list[int] = []

    def embed(texts: list[str]) -> list[list[float]]:
        asked.append(len(texts))
        return [[1.0] for _ in texts]

    library = Library({"corpus.jsonl": TOWNS}, embed)
    graph = graph_of({"n": {"retrieve": {"query": "q", "by": "embeddings"}}}, "n")
    for count in (1, 2):
        library.searches(graph.changed({"n": {"count": count}}))
    assert asked == [3]


def test_a_corpus_is_read_with_its_lines_and_hash() -> None:
    data = b'\xef\xbb\xbf{"text": "a\\u2028b"}\r\n\r\n{"text": "c"}\r\n'
    corpus = read_corpus(data, "c.jsonl")

    assert corpus.items == ({"text": "a\u2028b"}, {"text": "c"})
    assert corpus.lines == (1, 3)
    assert corpus.digest == text_digest(data.decode())
    assert corpus.digest == read_corpus(data.replace(b"\r\n", b"\n"), "c.jsonl").digest
    assert read_corpus(data, "c.jsonl", corpus.digest) == corpus
    assert read_corpus(data.decode(), "c.jsonl") == corpus


def test_a_changed_corpus_is_refused() -> None:
    with pytest.raises(IntegrityError) as caught:
        read_corpus(b'{"text": "b"}', "c.jsonl", text_digest('{"text": "a"}'))

    assert str(caught.value).startswith("c.jsonl: the corpus is not the one that its pin names\n")


@pytest.mark.parametrize(
    ("data", "where", "problem"),
    [
        (b"", "c.jsonl", "the corpus is empty"),
        (b" \n\n", "c.jsonl", "the corpus is empty"),
        (b"\xff", "c.jsonl", "the file is not UTF-8 text"),
        (b'{"text": "a"}\n{', "c.jsonl:2", "the line is not JSON: Expecting property name enclosed in double quotes"),
        (b'{"text": "a"}\n["b"]', "c.jsonl:2", "the line is a list, not an object"),
        (b'{"a": 1, "a": 2}', "c.jsonl:1", "the line is not usable JSON: the key 'a' stands twice"),
        (b'{"a": NaN}', "c.jsonl:1", "the line is not usable JSON: NaN is not a JSON number"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_item(data: bytes, where: str, problem: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_corpus(data, "c.jsonl")

    assert (caught.value.where, caught.value.problem) == (where, problem)


@pytest.mark.parametrize(
    ("limit", "value", "problem"),
    [
        ("MAX_CORPUS_BYTES", 20, "the corpus is larger than 20 bytes"),
        ("MAX_LINE_CHARS", 5, "the line is longer than 5 characters"),
        ("MAX_ITEMS", 1, "the corpus has more than 1 items"),
    ],
)
def test_a_corpus_has_limits(monkeypatch, limit: str, value: int, problem: str) -> None:
    monkeypatch.setattr(corpus_module, limit, value)
    with pytest.raises(FormatError) as caught:
        read_corpus(b'{"text": "a"}\n{"text": "b"}\n', "c.jsonl")

    assert caught.value.problem == problem


def test_its_size_counts_as_that_of_its_file(monkeypatch) -> None:
    monkeypatch.setattr(corpus_module, "MAX_CORPUS_BYTES", 20)
    assert read_corpus('{"text": "1234567"}', "c.jsonl").items
    with pytest.raises(FormatError, match="larger than 20 bytes"):
        read_corpus('{"text": "äöüäöüä"}', "c.jsonl")


@pytest.mark.parametrize(
    ("line", "problem"),
    [('{"title": "x"}', "`text` is missing"), ('{"text": 3}', "`text` is a number, not a text")],
)
def test_an_item_without_the_text_that_is_searched(line: str, problem: str) -> None:
    corpus = read_corpus('{"text": "a"}\n\n' + line, "corpus.jsonl")
    with pytest.raises(FormatError) as caught:
        found("x", corpus)

    assert (caught.value.where, caught.value.problem) == ("corpus.jsonl:3", problem)


def test_the_hash_of_cases_follows_their_labels() -> None:
    assert corpus_of_cases([({"a": 1}, 2)]).digest == corpus_of_cases([({"a": 1}, 2)]).digest
    assert corpus_of_cases([({"a": 1}, 2)]).digest != corpus_of_cases([({"a": 1}, 3)]).digest
