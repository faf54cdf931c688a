from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import ConfigError, TemplateError
from landrace.program import check, compile_program
from landrace.template import compile_template
from program_world import Driven, graph_of, inputs_schema, program_of

QUESTION = inputs_schema(question="string")
CHAIN = {
    "query": {"generate": {}},
    "passages": {"retrieve": {"query": "query"}},
    "notes": {"for_each": {"over": "passages", "as": "passage"}},
    "answer": {"generate": {}},
}
CHAIN_TEMPLATES = {
    "query": "Q {{ question }}",
    "notes": "N {{ passage.text }} {{ question }}",
    "answer": "A {{ notes }} {{ question }}",
}


def plan_of(nodes: dict[str, Any], output: str, templates: dict[str, str], inputs=QUESTION):
    compiled = {
        name: compile_template(source, name=f"{name}.jinja") for name, source in templates.items()
    }
    return check(graph_of(nodes, output), compiled, inputs, "prompt.yaml")


def refusal(nodes, output, templates, inputs=QUESTION, error=ConfigError) -> tuple[str, str, Any]:
    with pytest.raises(error) as caught:
        plan_of(nodes, output, templates, inputs)
    return caught.value.problem, caught.value.where, caught.value.fix


def test_a_plan_has_order_rounds_edges_and_types() -> None:
    plan = plan_of(CHAIN, "answer", CHAIN_TEMPLATES)

    assert plan.order == ("query", "passages", "notes", "answer")
    assert plan.rounds == ((("query",), ("passages",)), (("notes",), ()), (("answer",), ()))
    assert plan.reads["notes"] == ("passages", "question")
    assert {name: kind.words for name, kind in plan.types.items()} == {
        "query": "text",
        "passages": "a list of objects",
        "notes": "a list of texts",
        "answer": "text",
    }


def test_independent_nodes_share_a_round_and_the_order_of_the_file_is_nothing() -> None:
    nodes = {
        "b": {"generate": {}},
        "answer": {"generate": {}},
        "found": {"retrieve": {"query": "question"}},
        "a": {"generate": {}},
    }
    templates = {"a": "{{ question }}", "b": "{{ found }}", "answer": "{{ a }}{{ b }}"}
    plan = plan_of(nodes, "answer", templates)

    assert plan.rounds == (((), ("found",)), (("a", "b"), ()), (("answer",), ()))
    assert plan_of(dict(sorted(nodes.items())), "answer", templates) == plan


@pytest.mark.parametrize(
    ("edges", "cycle"),
    [
        ({"a": "a"}, "a -> a"),
        ({"a": "b", "b": "a"}, "a -> b -> a"),
        ({"c": "b", "b": "a", "a": "c"}, "a -> b -> c -> a"),
        ({"z": "a", "a": "b", "b": "a"}, "a -> b -> a"),
    ],
)
def test_a_cycle_is_named_along_the_data(edges: dict[str, str], cycle: str) -> None:
    nodes = {name: {"generate": {}} for name in edges}
    templates = {name: f"{{{{ {read} }}}}" for name, read in edges.items()}

    assert refusal(nodes, next(iter(edges)), templates) == (
        f"the nodes form a cycle: {cycle}",
        "prompt.yaml",
        "no node may read its own output, not even by way of others",
    )


def test_a_cycle_through_links_is_one_too() -> None:
    nodes = {
        "found": {"retrieve": {"query": "line"}},
        "both": {"union": {"of": ["found"]}},
        "line": {"extract": {"from": "both", "lines": True}},
    }
    assert refusal(nodes, "line", {})[0] == "the nodes form a cycle: both -> line -> found -> both"


def test_a_node_that_nobody_reads() -> None:
    nodes = {"idle": {"generate": {}}, "answer": {"generate": {}}}
    templates = {"idle": "{{ question }}", "answer": "{{ question }}"}

    assert refusal(nodes, "answer", templates) == (
        "nothing that leads to the output `answer` reads the node `idle`",
        "prompt.yaml",
        "remove the node, or let another read it",
    )


def test_the_output_is_a_node() -> None:
    assert refusal({"answer": {"generate": {}}}, "anser", {"answer": "x"}) == (
        "the program's output `anser` is no node",
        "prompt.yaml",
        "did you mean `answer`?",
    )


def test_a_link_to_nothing() -> None:
    nodes = {"found": {"retrieve": {"query": "questoin"}}}

    assert refusal(nodes, "found", {}) == (
        "the node `found` reads `questoin`, which is neither an input nor a node",
        "prompt.yaml",
        "did you mean `question`?",
    )


def test_a_template_that_wants_a_name_nobody_makes() -> None:
    nodes = {"notes": {"generate": {}}, "answer": {"generate": {}}}
    templates = {"notes": "{{ question }}", "answer": "{{ note }}{{ notes }}"}

    assert refusal(nodes, "answer", templates, error=TemplateError) == (
        "the template of the node `answer` reads `note`, which is neither an input nor a node",
        "answer.jinja",
        "did you mean `notes`?",
    )


def test_an_open_schema_lets_templates_read_any_name() -> None:
    inputs = QUESTION | {"additionalProperties": True}

    assert plan_of({"a": {"generate": {}}}, "a", {"a": "{{ other }}"}, inputs).order == ("a",)


def test_a_template_that_does_not_read_its_item() -> None:
    templates = CHAIN_TEMPLATES | {"notes": "{{ question }}"}

    assert refusal(CHAIN, "answer", templates, error=TemplateError)[:2] == (
        "the template of the node `notes` does not read `passage`",
        "notes.jinja",
    )


LABELS = {"type": "label", "labels": ["a", "b"]}
PARTS = (
    "{{ question }}\n{{ gist.topic }}",
    "\n{{ gist['topic'] }}",
    "\n{% if gist.topic %}x{% endif %}",
)


@pytest.mark.parametrize("reads", PARTS)
@pytest.mark.parametrize("gist", [{}, {"output": LABELS}, {"parser": {"kind": "xml", "tag": "g"}}])
def test_a_template_that_reads_parts_of_a_text(gist: dict[str, Any], reads: str) -> None:
    nodes = {"gist": {"generate": gist}, "team": {"generate": {}}}
    what = "gist['topic']" if "[" in reads else "gist.topic"

    assert refusal(
        nodes, "team", {"gist": "{{ question }}", "team": reads}, error=TemplateError
    ) == (
        f"the template of the node `team` reads `{what}`, and the value of `gist` is text",
        "team.jinja:2",
        "read `gist` as a whole, or let that node give JSON",
    )


@pytest.mark.parametrize(
    ("gist", "reads"),
    [
        ({"output": {"type": "json"}}, "{{ gist.topic }}"),
        ({"parser": {"kind": "json"}}, "{{ gist.topic }}"),
        ({"output": {"type": "json", "schema": {"type": "string"}}}, "{{ gist.topic }}"),
        ({}, "{{ gist[0] }}{{ gist[:9] }}{{ gist | upper }}"),
        ({}, "{{ gist.topic | default('') }}"),
        ({}, "{% if gist is mapping %}{{ gist.topic }}{% else %}{{ gist }}{% endif %}"),
        ({}, "{% if gist.topic is defined %}{{ gist.topic }}{% endif %}"),
        ({}, "{% set gist = {'topic': gist} %}{{ gist.topic }}"),
        ({}, "{{ gist }}{% for gist in thing %}{{ gist.topic }}{% endfor %}"),
    ],
)
def test_parts_that_may_be_there_are_read(gist: dict[str, Any], reads: str) -> None:
    nodes = {"gist": {"generate": gist}, "team": {"generate": {}}}
    inputs = inputs_schema(question="string", thing={"type": "array"})

    plan = plan_of(nodes, "team", {"gist": "{{ question }}", "team": reads}, inputs)
    assert plan.order == ("gist", "team")


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        ({"question": {"generate": {}}}, "the node `question` has the name of an input"),
        (
            {"a": {"for_each": {"over": "question", "as": "question"}}},
            "`as` of the node `a` is `question`, which is an input already",
        ),
        (
            {"a": {"batch": {"over": "question", "as": "a"}}},
            "`as` of the node `a` is `a`, which is a node already",
        ),
    ],
)
def test_names_do_not_clash(nodes: dict[str, Any], problem: str) -> None:
    assert refusal(nodes, next(iter(nodes)), {})[0] == problem


INPUTS = inputs_schema(
    text="string",
    number="integer",
    flag="boolean",
    thing="object",
    texts={"type": "array", "items": {"type": "string"}},
    numbers={"type": "array", "items": {"type": "number"}},
    anything={},
)


@pytest.mark.parametrize(
    ("node", "problem"),
    [
        ({"for_each": {"over": "text", "as": "x"}}, "(for_each) needs a list, and `text` is text"),
        ({"for_each": {"over": "thing", "as": "x"}}, "(for_each) needs a list, and `thing` is an object"),
        ({"batch": {"over": "number", "as": "x"}}, "(batch) needs a list, and `number` is a number"),
        ({"retrieve": {"query": "numbers"}}, "(retrieve) needs a text or a list of texts, and `numbers` is a list of numbers"),
        ({"retrieve": {"query": "thing"}}, "(retrieve) needs a text or a list of texts, and `thing` is an object"),
        ({"extract": {"from": "text", "json": "/a"}}, "(extract) needs JSON with parts, and `text` is text"),
        ({"extract": {"from": "flag", "json": "/a"}}, "(extract) needs JSON with parts, and `flag` is true or false"),
        ({"extract": {"from": "texts", "regex": "a"}}, "(extract) needs text, and `texts` is a list of texts"),
        ({"extract": {"from": "number", "lines": True}}, "(extract) needs text, and `number` is a number"),
    ],
)  # fmt: skip
def test_an_edge_of_the_wrong_type(node: dict[str, Any], problem: str) -> None:
    found = refusal({"n": node}, "n", {"n": "{{ x }}"}, INPUTS)

    assert found[:2] == (f"the node `n` {problem}", "prompt.yaml")


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ({"for_each": {"over": "texts", "as": "x"}}, "a list of texts"),
        ({"for_each": {"over": "anything", "as": "x", "output": {"type": "number"}}}, "a list of numbers"),
        ({"batch": {"over": "numbers", "as": "x", "output": {"type": "json"}}}, "a list"),
        ({"retrieve": {"query": "texts"}}, "a list of objects"),
        ({"retrieve": {"query": "anything"}}, "a list of objects"),
        ({"extract": {"from": "thing", "json": "/a"}}, "any JSON"),
        ({"extract": {"from": "texts", "json": "", "all": True}}, "a list"),
        ({"extract": {"from": "text", "xml": "a"}}, "text"),
        ({"extract": {"from": "anything", "lines": True, "all": True}}, "a list of texts"),
        ({"union": {"of": ["text", "texts"]}}, "a list of texts"),
        ({"union": {"of": ["number", "texts"]}}, "a list"),
        ({"generate": {"output": {"type": "json", "schema": {"type": "array", "items": {"type": "string"}}}}}, "a list of texts"),
        ({"generate": {"output": {"type": "json", "schema": {"type": "array", "items": {"type": "array"}}}}}, "a list"),
        ({"generate": {"output": {"type": "label", "labels": ["a"]}}}, "text"),
    ],
)  # fmt: skip
def test_the_type_of_a_node(node: dict[str, Any], words: str) -> None:
    template = "{{ x }}" if "generate" not in node else "{{ text }}"

    assert plan_of({"n": node}, "n", {"n": template}, INPUTS).types["n"].words == words


@st.composite
def dags(draw) -> tuple[dict[str, list[str]], str]:
    """Generate nodes by name, with those that each reads; every one leads to the last."""
    size = draw(st.integers(1, 9))
    names = draw(st.permutations([f"n{n}" for n in range(size)]))
    edges: dict[str, list[str]] = {name: [] for name in names}
    for position, name in enumerate(names[:-1]):
        readers = draw(st.lists(st.sampled_from(names[position + 1 :]), min_size=1, unique=True))
        for reader in readers:
            edges[reader].append(name)
    order = draw(st.permutations(list(edges)))
    return {name: edges[name] for name in order}, names[-1]


def program_for(edges: dict[str, list[str]], output: str):
    templates = {
        name: f"{name} {{{{ question }}}}" + "".join(f"{{{{ {each} }}}}" for each in read)
        for name, read in edges.items()
    }
    return program_of({name: {"generate": {}} for name in edges}, output, templates, QUESTION)


@given(dags())
def test_any_acyclic_graph_runs_in_an_order_that_its_edges_allow(dag) -> None:
    edges, output = dag
    program = program_for(edges, output)
    done = Driven(program, lambda asked: asked.split()[0], question="q")

    asked = [name for names in done.rounds for name in names]
    assert sorted(asked) == sorted(edges)
    assert tuple(asked) == program.plan.order
    for round_, names in enumerate(done.rounds):
        before = {name for names in done.rounds[:round_] for name in names}
        for name in names:
            assert set(edges[name]) <= before
            # Nothing waits longer than it must.
            assert round_ == 0 or set(edges[name]) & set(done.rounds[round_ - 1])
    assert done.result.answer == output
    for step in done.result.steps:
        assert step.inputs == {"question": "q"} | {each: each for each in edges[step.node]}


@given(dags(), st.data())
def test_an_edge_back_is_refused_and_the_cycle_named(dag, data) -> None:
    edges, output = dag
    inner = data.draw(st.sampled_from(sorted(edges)))
    # Everything leads to the output, so an edge from there to any node closes a cycle.
    edges = {name: [*read, output] if name == inner else read for name, read in edges.items()}
    with pytest.raises(ConfigError) as caught:
        program_for(edges, output)

    head, _, named = caught.value.problem.partition(": ")
    assert head == "the nodes form a cycle"
    cycle = named.split(" -> ")
    assert cycle[0] == cycle[-1]
    assert len(set(cycle)) == len(cycle) - 1
    assert {output, inner} <= set(cycle)
    assert all(source in edges[reader] for source, reader in pairwise(cycle))


def test_a_missing_corpus_is_found_before_any_run() -> None:
    graph = graph_of({"found": {"retrieve": {"query": "question"}}}, "found")
    with pytest.raises(ConfigError) as caught:
        compile_program(graph, {}, inputs=QUESTION)

    assert str(caught.value) == (
        "corpus.jsonl: the corpus of the node `found` is missing\n"
        "  put the file into the prompt's folder, or correct `from`"
    )
