from __future__ import annotations

import subprocess
import sys

from landrace.embedding import embed
from landrace.program import Graph, Library, compile_program, read_corpus
from landrace.program.run import drive


def test_vectors_have_length_one_and_depend_on_the_text_alone():
    together = embed(["where is my parcel", "the invoice is wrong"])
    alone = embed(["the invoice is wrong"])
    assert together[1] == alone[0]
    assert all(abs(sum(x * x for x in vector) - 1) < 1e-5 for vector in together)


def test_what_means_the_same_is_nearer():
    parcel, package, invoice = embed(
        ["where is my parcel", "the package has not arrived", "the invoice is wrong"]
    )
    assert _dot(parcel, package) > _dot(parcel, invoice)


def test_nothing_has_no_vectors():
    assert embed([]) == []


def test_an_empty_text_gets_zeros_and_the_others_their_own_vectors():
    (cat,) = embed(["cat"])
    nothing = [0.0] * len(cat)
    assert embed(["", "cat", ""]) == [nothing, cat, nothing]
    assert embed([""]) == [nothing]


def test_without_the_extra_the_error_says_what_to_type():
    code = (
        "import sys; sys.modules['wordllama'] = None\n"
        "from landrace.embedding import embed\n"
        "from landrace.errors import ConfigError\n"
        "try: embed(['x'])\n"
        "except ConfigError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "pip install 'landrace[embeddings]'" in done.stdout


def _dot(one: list[float], other: list[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))


def nearest(notes, ask):
    graph = Graph.from_dict(
        {
            "nodes": {
                "near": {
                    "retrieve": {
                        "from": "notes.jsonl",
                        "query": "ask",
                        "by": "embeddings",
                        "count": 1,
                        "aggregate": "max",
                        "exclude_exact": False,
                        "text": "text",
                    }
                }
            },
            "output": "near",
        }
    )
    library = Library({"notes.jsonl": read_corpus(notes, "notes.jsonl")}, embed)
    inputs = {"type": "object", "properties": {"ask": {"type": "string"}}}
    program = compile_program(graph, {}, inputs=inputs, library=library)
    return drive(program.run({"ask": ask}), lambda ask: "").answer


def test_a_program_retrieves_by_meaning_where_no_word_is_shared():
    notes = '{"text": "parcels arrive late"}\n{"text": "bills can be wrong"}\n'
    assert nearest(notes, "the invoice has an error") == [{"text": "bills can be wrong"}]


def test_an_empty_query_and_an_empty_text_of_a_corpus_are_like_nothing():
    notes = '{"text": ""}\n{"text": "bills can be wrong"}\n'
    assert nearest(notes, "the invoice has an error") == [{"text": "bills can be wrong"}]
    assert len(nearest(notes, "")) == 1
