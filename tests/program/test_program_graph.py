from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import ConfigError, FormatError
from landrace.program import Generate, Graph, most_calls
from landrace.program.node_json import EXTRACT_WAYS
from landrace.program.nodes import KINDS
from landrace.program.params import DECODING_PARAMS
from landrace.program.rules import name_problem
from program_world import FIELDS, graph_json, graph_of

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True).filter(
    lambda name: name_problem(name) is None
)
CONTRACTS = st.sampled_from(
    [
        {"type": "text"},
        {"type": "number", "max_tokens": 20},
        {"type": "label", "labels": ["a", "b"]},
        {"type": "json", "schema": {"type": "array", "items": {"type": "string"}}},
    ]
)
NO_OTHERS = (
    f"those that decode are {', '.join(DECODING_PARAMS)}; others belong to a pipeline's model"
)
ASKING = {
    "template": st.just("a.jinja"),
    "output": CONTRACTS,
    "params": st.fixed_dictionaries(
        {}, optional={"seed": st.integers(0), "stop": st.text(max_size=3), "top_p": st.floats(0, 1)}
    ),
    "parser": st.sampled_from([{"kind": "text"}, {"kind": "after", "marker": "A:"}]),
}
BODIES = {
    "generate": st.fixed_dictionaries(ASKING),
    "for_each": st.fixed_dictionaries(
        {"over": NAMES, "as": NAMES, "most": st.integers(1, 100), **ASKING}
    ),
    "batch": st.fixed_dictionaries(
        {
            "over": NAMES,
            "as": NAMES,
            "size": st.integers(1, 50),
            "most": st.integers(1, 1000),
            **ASKING,
        }
    ),
    "retrieve": st.fixed_dictionaries(
        {
            "from": st.just("cases"),
            "query": NAMES,
            "by": st.sampled_from(["bm25", "embeddings"]),
            "count": st.integers(1, 100),
            "aggregate": st.sampled_from(["round_robin", "max"]),
            "exclude_exact": st.booleans(),
            "text": st.none() | NAMES,
        }
    ),
    "union": st.fixed_dictionaries({"of": st.lists(NAMES, min_size=1, max_size=4, unique=True)}),
    "extract": st.tuples(
        st.sampled_from(
            [("regex", r"\d+"), ("json", "/a/0/b~1c"), ("xml", "answer"), ("lines", True)]
        ),
        NAMES,
        st.booleans(),
    ).map(lambda each: {"from": each[1], each[0][0]: each[0][1], "all": each[2]}),
}
NODES = st.sampled_from(sorted(BODIES)).flatmap(lambda kind: BODIES[kind].map(lambda b: {kind: b}))
GRAPHS = st.fixed_dictionaries(
    {"nodes": st.dictionaries(NAMES, NODES, min_size=1, max_size=6), "output": NAMES}
)

EXAMPLE = graph_json(
    {
        "query": {"generate": {"params": {"max_tokens": 40}}},
        "passages": {"retrieve": {"query": "query"}},
        "notes": {"for_each": {"over": "passages", "as": "passage", "most": 8}},
        "all": {"union": {"of": ["notes", "passages"]}},
        "year": {"extract": {"from": "query", "regex": r"\d{4}"}},
        "labels": {"batch": {"over": "all", "as": "items"}},
        "answer": {"generate": {}},
    },
    "answer",
)


@given(GRAPHS)
def test_the_json_form_comes_back_as_it_was(value: dict[str, Any]) -> None:
    graph = Graph.from_dict(value)

    assert graph.to_dict() == value
    assert Graph.from_dict(json.loads(json.dumps(graph.to_dict()))) == graph


def test_the_json_form_shares_no_container_with_the_graph() -> None:
    graph = Graph.from_dict(EXAMPLE)
    graph.to_dict()["nodes"]["query"]["generate"]["params"]["max_tokens"] = 1

    assert graph.to_dict() == EXAMPLE


def test_the_kinds_of_the_tests_are_all_there_are() -> None:
    assert {word for word, _ in KINDS} == set(FIELDS) == set(BODIES)
    assert set(EXTRACT_WAYS) == {"regex", "json", "xml", "lines"}


def test_a_plain_prompt_is_one_node() -> None:
    graph = Graph.plain({"type": "text"}, {"kind": "text"})

    assert graph.output == "prompt"
    assert graph.nodes == {
        "prompt": Generate("prompt.jinja", {"type": "text"}, {}, {"kind": "text"})
    }
    assert Graph.from_dict(graph.to_dict()) == graph
    assert most_calls(graph) == 1


def changed(path: str, value: Any) -> dict[str, Any]:
    """The example with another value, or without one, at a dotted path."""
    found = copy.deepcopy(EXAMPLE)
    *outer, last = path.split(".")
    inner = found
    for key in outer:
        inner = inner[key]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return found


@pytest.mark.parametrize(
    ("path", "value", "problem", "fix"),
    [
        ("output", ..., "`output` is missing", None),
        ("nodez", {}, "`nodez` is not a known key", "did you mean `nodes`?"),
        ("nodes", {}, "`nodes` is empty", "give the program a node"),
        ("nodes", {f"n{n}": {} for n in range(51)}, "`nodes` has 51 nodes, more than 50", None),
        ("nodes.x", {"generat": {}}, "`nodes.x.generat` is not a known kind of node", "did you mean `generate`?"),
        ("nodes.x", {"zzz": {}}, "`nodes.x.zzz` is not a known kind of node", "the kinds are generate, retrieve, for_each, union, extract, batch"),
        ("nodes.x", {}, "`nodes.x` has 0 keys, and needs exactly one: its kind", "the kinds are generate, retrieve, for_each, union, extract, batch"),
        ("nodes.x", [], "`nodes.x` is a list, not an object", None),
        ("nodes.2x", {}, "`nodes.2x` is no name: use letters, digits and `_`, and start with a letter", None),
        ("nodes.loop", {}, "`nodes.loop` is a word of the template language", "give it another name"),
        ("nodes.con", {}, "`nodes.con` is no name that a file may have", "give it another name: variants are files"),
        ("nodes.all_", {}, "`nodes.all_` is no name that a file may have", "end it with a letter or a digit: variants are files"),
        ("nodes.Query", {}, "`nodes.Query` differs from `query` in upper and lower case alone", "give one of them another name: variants are files"),
        ("nodes.query.generate.templat", "a.jinja", "`nodes.query.generate.templat` is not a known key", "did you mean `template`?"),
        ("nodes.query.generate.template", "../a.jinja", "`nodes.query.generate.template` is not the name of a .jinja file", None),
        ("nodes.query.generate.output", {"type": "lable"}, "`nodes.query.generate.output.type` is 'lable'", "did you mean `label`?"),
        ("nodes.query.generate.output", {"type": "label"}, "`nodes.query.generate.output.labels` belongs to an output of type label, and only there", None),
        ("nodes.query.generate.output", {}, "`nodes.query.generate.output.type` is missing", None),
        ("nodes.query.generate.output", {"type": "text", "schema": {}}, "`nodes.query.generate.output.schema` belongs to an output of type json", None),
        ("nodes.query.generate.params.model", "m", "`nodes.query.generate.params.model` is no decoding parameter", NO_OTHERS),
        ("nodes.query.generate.params.api_base", "https://a.example", "`nodes.query.generate.params.api_base` is no decoding parameter", NO_OTHERS),
        ("nodes.query.generate.params.temprature", 1, "`nodes.query.generate.params.temprature` is no decoding parameter", "did you mean `temperature`?"),
        ("nodes.query.generate.params.temperature", "1", "`nodes.query.generate.params.temperature` is not a number", "give a number"),
        ("nodes.query.generate.parser", {"kind": "after"}, "`nodes.query.generate.parser` is no parser: a parser of kind after needs `marker`", "Set it to a text."),
        ("nodes.passages.retrieve.count", 0, "`nodes.passages.retrieve.count` is 0, not in 1..100", None),
        ("nodes.passages.retrieve.count", True, "`nodes.passages.retrieve.count` is a boolean, not an integer", None),
        ("nodes.passages.retrieve.by", "bm52", "`nodes.passages.retrieve.by` is 'bm52'", "did you mean `bm25`?"),
        ("nodes.passages.retrieve.from", "corpus.txt", "`nodes.passages.retrieve.from` is not `cases` or the name of a .jsonl file", None),
        ("nodes.passages.retrieve.text", None, "`nodes.passages.retrieve.text` is null, which only cases allow", "name the field to search"),
        ("nodes.passages.retrieve.exclude_exact", 1, "`nodes.passages.retrieve.exclude_exact` is neither true nor false", None),
        ("nodes.notes.for_each.most", 101, "`nodes.notes.for_each.most` is 101, not in 1..100", None),
        ("nodes.notes.for_each.as", "a b", "`nodes.notes.for_each.as` is no name: use letters, digits and `_`, and start with a letter", None),
        ("nodes.labels.batch.size", 51, "`nodes.labels.batch.size` is 51, not in 1..50", None),
        ("nodes.all.union.of", [], "`nodes.all.union.of` is empty", None),
        ("nodes.all.union.of", ["notes", "notes"], "`nodes.all.union.of.1` names `notes` a second time", None),
        ("nodes.year.extract.regex", "(", "`nodes.year.extract.regex` is no regular expression: missing ), unterminated subpattern at position 0", None),
        ("nodes.year.extract.regex", "(a)(b)", "`nodes.year.extract.regex` has 2 groups, and may have one: use (?:…) for the others", None),
        ("nodes.year.extract.xml", "a", "`nodes.year.extract` needs exactly one of regex, json, xml, lines", None),
        ("nodes.year.extract.regexp", "a", "`nodes.year.extract.regexp` is not a known key", "did you mean `regex`?"),
        ("nodes.year.extract", {"from": "query", "json": "a", "all": False}, "`nodes.year.extract.json` is no JSON pointer: write /key/0, `~0` for ~ and `~1` for / in a key", None),
        ("nodes.year.extract", {"from": "query", "xml": "<a>", "all": False}, "`nodes.year.extract.xml` is no tag: write its name without < and >", None),
        ("nodes.year.extract", {"from": "query", "lines": False, "all": False}, "`nodes.year.extract.lines` is not true", None),
        ("nodes.year.extract.all", ..., "`nodes.year.extract.all` is missing", None),
    ],
)  # fmt: skip
def test_a_misfit_is_named_by_its_path(
    path: str, value: Any, problem: str, fix: str | None
) -> None:
    with pytest.raises(FormatError) as caught:
        Graph.from_dict(changed(path, value), "pin.json")

    assert (caught.value.problem, caught.value.fix) == (problem, fix)
    assert caught.value.where == "pin.json"


def test_settings_change_fields_by_their_words_in_the_file() -> None:
    graph = Graph.from_dict(EXAMPLE)
    other = graph.changed({"passages": {"count": 7, "from": "cases"}})

    assert other.to_dict() == changed(
        "nodes.passages.retrieve",
        EXAMPLE["nodes"]["passages"]["retrieve"] | {"count": 7, "from": "cases"},
    )
    assert graph.to_dict() == EXAMPLE
    assert graph.changed({}) is graph


def test_settings_that_do_not_fit_are_refused() -> None:
    graph = Graph.from_dict(EXAMPLE)
    with pytest.raises(ConfigError, match="no node `pasages`") as caught:
        graph.changed({"pasages": {"count": 1}})
    assert caught.value.fix == "did you mean `passages`?"
    with pytest.raises(FormatError, match=r"retrieve\.cuont` is not a known key"):
        graph.changed({"passages": {"cuont": 1}})


def test_the_most_calls_count_lists_with_their_most_items() -> None:
    nodes = {
        "query": {"generate": {}},  # 1
        "passages": {"retrieve": {"query": "query", "count": 3}},
        "notes": {"for_each": {"over": "passages", "as": "p", "most": 8}},  # 3
        "all": {"union": {"of": ["notes", "passages"]}},
        "labels": {"batch": {"over": "all", "as": "items", "size": 4}},  # 6 items in 2 calls
        "ideas": {"extract": {"from": "query", "lines": True, "all": True}},
        "checked": {"for_each": {"over": "ideas", "as": "idea", "most": 8}},  # 8: no bound known
        "mixed": {"union": {"of": ["labels", "query"]}},
        "last": {"batch": {"over": "mixed", "as": "each", "size": 5, "most": 100}},  # 20
    }
    assert most_calls(graph_of(nodes, "last")) == 1 + 3 + 2 + 8 + 20


def test_the_corpora_and_the_nodes_that_ask() -> None:
    graph = Graph.from_dict(EXAMPLE)

    assert graph.corpora() == ("corpus.jsonl",)
    assert list(graph.asking()) == ["query", "notes", "labels", "answer"]
