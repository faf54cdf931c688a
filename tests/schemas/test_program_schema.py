from __future__ import annotations

import jsonschema
import pytest

from landrace.errors import FormatError
from landrace.program import Graph
from landrace.schemas.prompt import PromptConfig
from landrace.schemas.published import json_schema
from landrace.store.validate import validate
from landrace.store.yaml import read_yaml

HEAD = """\
description: d
inputs: {type: object, properties: {question: {type: string}}}
output: {type: label, labels: [a, b]}
metrics: [{metric: exact_match}]
"""
# The example of the documentation of programs.
EXAMPLE = """\
program:
  nodes:
    query:    {generate: {template: query.jinja, output: {type: text}, params: {max_tokens: 40}}}
    passages: {retrieve: {from: corpus.jsonl, query: query, by: bm25, count: 3}}
    shots:    {retrieve: {from: cases, query: question}}
    notes:    {for_each: {over: passages, as: passage, template: note.jinja, most: 8}}
    all:      {union: {of: [notes, passages]}}
    year:     {extract: {from: query, regex: '\\d{4}'}}
    labels:   {batch: {over: all, as: items, template: batch.jinja, size: 5}}
    answer:   {generate: {template: answer.jinja}}
  output: answer
"""


def read(text: str, tmp_path) -> PromptConfig:
    path = tmp_path / "prompt.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return validate(PromptConfig, read_yaml(path, "prompt.yaml"))


def test_the_example_becomes_a_graph_with_every_default_written_out(tmp_path) -> None:
    graph = read(EXAMPLE, tmp_path).graph()
    text = {"output": {"type": "text", "max_tokens": 256}, "parser": {"kind": "text"}}
    label = {"type": "label", "labels": ["a", "b"], "max_tokens": 256}
    found = {"query": "query", "by": "bm25", "count": 3, "aggregate": "round_robin"}

    assert graph.to_dict() == {
        "nodes": {
            "query": {"generate": {"template": "query.jinja", "params": {"max_tokens": 40}} | text},
            "passages": {
                "retrieve": found | {"from": "corpus.jsonl", "exclude_exact": False, "text": "text"}
            },
            "shots": {
                "retrieve": found
                | {"from": "cases", "query": "question", "exclude_exact": True, "text": None}
            },
            "notes": {
                "for_each": {"over": "passages", "as": "passage", "most": 8}
                | {"template": "note.jinja", "params": {}}
                | text
            },
            "all": {"union": {"of": ["notes", "passages"]}},
            "year": {"extract": {"from": "query", "regex": r"\d{4}", "all": False}},
            "labels": {
                "batch": {"over": "all", "as": "items", "size": 5, "most": 100}
                | {"template": "batch.jinja", "params": {}}
                | text
            },
            "answer": {
                "generate": {
                    "template": "answer.jinja",
                    "output": label,
                    "params": {},
                    "parser": {"kind": "text"},
                }
            },
        },
        "output": "answer",
    }


def test_a_prompt_without_a_program_is_one_node(tmp_path) -> None:
    contract = {"type": "label", "labels": ["a", "b"], "max_tokens": 256}

    assert read("template: other.jinja\n", tmp_path).graph() == Graph.plain(
        contract, {"kind": "text"}, template="other.jinja"
    )


def test_the_published_schema_takes_the_example(tmp_path) -> None:
    read(EXAMPLE, tmp_path)
    value = read_yaml(tmp_path / "prompt.yaml").value
    schema = jsonschema.Draft7Validator(json_schema("prompt"))

    assert schema.is_valid(value)
    value["program"]["nodes"]["all"]["extract"] = {"from": "query", "lines": True}
    assert not schema.is_valid(value)


def test_the_published_schema_knows_the_parameters_of_a_node(tmp_path) -> None:
    read(EXAMPLE, tmp_path)
    value = read_yaml(tmp_path / "prompt.yaml").value
    value["program"]["nodes"]["query"]["generate"]["params"] = {"api_base": "https://a.example"}

    assert not jsonschema.Draft7Validator(json_schema("prompt")).is_valid(value)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("template: query", "templat: query", "prompt.yaml: 2 problems\n  prompt.yaml:7: `program.nodes.query.generate.template` is missing\n  prompt.yaml:7: `program.nodes.query.generate.templat` is not a known key (did you mean `template`?)"),
        ("most: 8", "moost: 8", "prompt.yaml:10: `program.nodes.notes.for_each.moost` is not a known key\n  did you mean `most`?"),
        ("{union: {", "{unoin: {", "prompt.yaml:11: `program.nodes.all.unoin` is not a known key\n  did you mean `union`?"),
        ("most: 8", "most: 800", "prompt.yaml:10: `program.nodes.notes.for_each.most` must be at most 100, not 800"),
        ("count: 3", "count: '3'", 'prompt.yaml:8: `program.nodes.passages.retrieve.count` must be a whole number, not "3"'),
        ("from: corpus.jsonl", "corpus: corpus.jsonl", "prompt.yaml: 2 problems\n  prompt.yaml:8: `program.nodes.passages.retrieve.from` is missing\n  prompt.yaml:8: `program.nodes.passages.retrieve.corpus` is not a known key (the known keys are from, query, by, "),
        ("regex: '\\d{4}'", "regex: '('", "prompt.yaml:12: `program.nodes.year.extract.regex` is no regular expression: missing ), unterminated subpattern at position 0"),
        ("regex: '\\d{4}'", "xml: '<a>'", "prompt.yaml:12: `program.nodes.year.extract.xml` is no tag: write its name without < and >"),
        ("regex: '\\d{4}'", "json: a", "prompt.yaml:12: `program.nodes.year.extract.json` is no JSON pointer: write /key/0, `~0` for ~ and `~1` for / in a key"),
        ("regex: '\\d{4}'", "lines: true, xml: a", "prompt.yaml:12: `program.nodes.year.extract` needs exactly one of `regex`, `json`, `xml`, `lines`"),
        ("of: [notes, passages]", "of: [notes, notes]", "prompt.yaml:11: `program.nodes.all.union.of` names `notes` a second time"),
        ("{template: answer.jinja}", "{template: answer.jinja, parser: {kind: aftr}}", "prompt.yaml:14: `program.nodes.answer.generate.parser` is no parser: there is no parser of kind 'aftr'. Use one of "),
        ("{template: answer.jinja}", "{template: answer.jinja, params: {model: m}}", "prompt.yaml:14: `program.nodes.answer.generate.params` `model` is no decoding parameter"),
        ("{template: answer.jinja}", "{template: answer.jinja, params: {api_base: a}}", "prompt.yaml:14: `program.nodes.answer.generate.params` `api_base` is no decoding parameter\n  those that decode are frequency_penalty, "),
        ("{template: answer.jinja}", "{template: answer.jinja, params: {top_k: 1.5}}", "prompt.yaml:14: `program.nodes.answer.generate.params` `top_k` is not a whole number\n  give a whole number"),
        ("{template: answer.jinja}", "{template: answer.jinja, output: {type: number}}", "prompt.yaml:1: `output` of the node `answer` differs from the prompt's, whose answer it gives"),
        ("    all: ", "    loop:", "prompt.yaml:6: `program.nodes` `loop` is a word of the template language\n  give it another name"),
        ("    all: ", "    Query:", "prompt.yaml:5: `program` `nodes.Query` differs from `query` in upper and lower case alone\n  give one of them another name: variants are files"),
        ("as: passage", "as: loop", "prompt.yaml:5: `program` `nodes.notes.for_each.as` is a word of the template language\n  give it another name"),
        ("program:", "template: a.jinja\nprogram:", "prompt.yaml:1: `template` belongs to a prompt without `program`, whose nodes have it"),
    ],
)  # fmt: skip
def test_a_misfit_is_named_by_file_and_line(old: str, new: str, error: str, tmp_path) -> None:
    assert EXAMPLE.count(old) == 1
    with pytest.raises(FormatError) as caught:
        read(EXAMPLE.replace(old, new), tmp_path)

    assert str(caught.value).startswith(error)


@pytest.mark.parametrize(
    "node", ["{}", "{generate: }", "{union: {of: [a]}, generate: {template: a.jinja}}"]
)
def test_a_node_has_one_kind(node: str, tmp_path) -> None:
    with pytest.raises(
        FormatError, match=r"`program\.nodes\.a` needs exactly one key, its kind: generate, "
    ):
        read(f"program: {{nodes: {{a: {node}}}, output: a}}\n", tmp_path)


def test_a_program_asks_a_model(tmp_path) -> None:
    """Without one there is nothing to search, to plan or to pin."""
    nodes = "{shots: {retrieve: {from: cases, query: question}}}"
    with pytest.raises(FormatError) as caught:
        read(f"program: {{nodes: {nodes}, output: shots}}\n", tmp_path)
    assert str(caught.value) == (
        "prompt.yaml:5: `program` has no node that asks a model\n"
        "  add a node of the kind `generate`, `for_each` or `batch`"
    )
