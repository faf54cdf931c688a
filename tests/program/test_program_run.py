from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from landrace.errors import ConfigError, RenderError
from landrace.program import (
    Ask,
    Failure,
    Graph,
    Library,
    Program,
    Result,
    Step,
    check,
    compile_program,
    read_corpus,
)
from landrace.program.run import drive
from landrace.template import compile_template
from program_world import Driven, graph_of, inputs_schema, program_of

CORPUS = b'{"text": "Oslo lies on a fjord"}\n{"text": "Bern has bears"}\n{"text": "Rome is old"}\n'
QUESTION = inputs_schema(question="string")


def test_a_chain_of_every_kind_leaves_its_whole_trace() -> None:
    program = program_of(
        {
            "query": {"generate": {"params": {"max_tokens": 40}}},
            "passages": {"retrieve": {"query": "query", "count": 2}},
            "notes": {"for_each": {"over": "passages", "as": "passage"}},
            "all": {"union": {"of": ["notes", "query"]}},
            "labels": {"batch": {"over": "all", "as": "items", "size": 2}},
            "answer": {"generate": {}},
            "year": {"extract": {"from": "answer", "regex": r"\d{4}"}},
        },
        "year",
        {
            "query": "Q {{ question }}",
            "notes": "N {{ passage.text }}",
            "labels": "L {% for each in items %}{{ each.id }}={{ each.item }};{% endfor %}",
            "answer": "A {{ labels }} {{ question }}",
        },
        QUESTION,
        Library({"corpus.jsonl": read_corpus(CORPUS, "corpus.jsonl")}),
    )

    def model(asked: str) -> str:
        if asked.startswith("L"):
            return '{"1": "one", "2": "two"}' if "2=" in asked else "1: only"
        return {"Q": "fjord bears ", "N": f"<{asked}>", "A": "in 1048, or 1050"}[asked[0]]

    done = Driven(program, model, question="where?")

    assert done.rounds == [["query"], ["notes", "notes"], ["labels", "labels"], ["answer"]]
    assert done.asked[3:] == [
        "L 1=<N Bern has bears>;2=<N Oslo lies on a fjord>;",
        "L 1=fjord bears;",
        'A ["one", "two", "only"] where?',
    ]
    assert done.result.answer == "1048"
    assert done.result.output == "in 1048, or 1050"
    assert done.result.failure is None
    found = [(step.node, dict(step.inputs), step.output, step.value) for step in done.result.steps]
    bern, oslo = {"text": "Bern has bears"}, {"text": "Oslo lies on a fjord"}
    notes = ["<N Bern has bears>", "<N Oslo lies on a fjord>"]
    both = [{"id": "1", "item": notes[0]}, {"id": "2", "item": notes[1]}]
    assert found == [
        ("query", {"question": "where?"}, "fjord bears ", "fjord bears"),
        ("passages", {"query": "fjord bears"}, None, [bern, oslo]),
        ("notes", {"passage": bern}, notes[0], notes[0]),
        ("notes", {"passage": oslo}, notes[1], notes[1]),
        ("all", {"notes": notes, "query": "fjord bears"}, None, [*notes, "fjord bears"]),
        ("labels", {"items": both}, '{"1": "one", "2": "two"}', ["one", "two"]),
        ("labels", {"items": [{"id": "1", "item": "fjord bears"}]}, "1: only", ["only"]),
        (
            "answer",
            {"labels": ["one", "two", "only"], "question": "where?"},
            "in 1048, or 1050",
            "in 1048, or 1050",
        ),
        ("year", {"answer": "in 1048, or 1050"}, None, "1048"),
    ]
    assert [step.node for step in done.result.steps if step.messages is None] == [
        "passages",
        "all",
        "year",
    ]


def two_nodes(output: dict[str, Any], second: str = "A {{ first }}") -> Program:
    return program_of(
        {"first": {"generate": {"output": output}}, "answer": {"generate": {}}},
        "answer",
        {"first": "F {{ question }}", "answer": second},
        QUESTION,
    )


def test_a_parser_that_fails_inside_ends_the_run_without_an_answer() -> None:
    done = Driven(two_nodes({"type": "number"}), lambda _asked: "none", question="q")

    assert done.rounds == [["first"]]
    assert done.result.answer is None
    assert done.result.output == "none"
    assert done.result.failure == Failure("first", "it holds no number")
    assert str(done.result.failure) == "node `first`: it holds no number"
    (step,) = done.result.steps
    assert (step.output, step.value, step.failure) == ("none", None, "it holds no number")


@pytest.mark.parametrize(
    ("output", "text", "second", "reason"),
    [
        ({"type": "text"}, " ", "{{ first }}", "its template does not render: the template printed nothing"),
        ({"type": "json"}, '{"a": 1}', "A {{ first.b }}", "its template does not render: `first.b` is undefined"),
        ({"type": "json"}, "[" * 50 + "1" + "]" * 50, "A {{ first }}", "its template does not render: a value is nested deeper than 32"),
    ],
)  # fmt: skip
def test_an_output_that_the_next_template_cannot_render_is_a_failure(
    output: dict[str, Any], text: str, second: str, reason: str
) -> None:
    done = Driven(two_nodes(output, second), lambda _asked: text, question="q")

    assert done.rounds == [["first"]]
    assert done.result.failure == Failure("answer", reason)
    assert done.result.steps[-1].messages is None


def test_inputs_that_a_template_cannot_render_are_the_callers_mistake() -> None:
    program = two_nodes({"type": "text"})

    with pytest.raises(RenderError, match="`question` is undefined"):
        next(program.run({}))
    with pytest.raises(RenderError, match="`question` is undefined"):
        program.first_asks({})


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ({"for_each": {"over": "first", "as": "x"}}, "`first` is an object, not a list"),
        ({"batch": {"over": "first", "as": "x"}}, "`first` is an object, not a list"),
        ({"retrieve": {"query": "first"}}, "`first` holds an object, and a query is text"),
        ({"extract": {"from": "first", "json": "/b"}}, "there is nothing at '/b'"),
        ({"extract": {"from": "first", "lines": True}}, "it is no text"),
    ],
)
def test_json_that_is_not_what_a_node_needs_is_a_failure(node: dict[str, Any], reason: str) -> None:
    program = program_of(
        {"first": {"generate": {"output": {"type": "json"}}}, "next": node},
        "next",
        {"first": "{{ question }}", "next": "{{ x }}"},
        QUESTION,
        Library({"corpus.jsonl": read_corpus(CORPUS, "corpus.jsonl")}),
    )
    done = Driven(program, lambda _asked: '{"a": 1}', question="q")

    assert done.result.failure == Failure("next", reason)
    assert done.result.answer is None
    assert [step.failure for step in done.result.steps] == [None, reason]


def listed(node: dict[str, Any], template: str) -> Program:
    return program_of({"n": node}, "n", {"n": template}, inputs_schema(texts={"type": "array"}))


def test_an_item_that_fails_is_left_out_and_recorded() -> None:
    node = {"for_each": {"over": "texts", "as": "x", "most": 3, "output": {"type": "number"}}}
    done = Driven(listed(node, "{{ x }}"), lambda asked: asked, texts=["1", "none", "3", "4"])

    assert done.rounds == [["n", "n", "n"]]
    assert done.result.answer == [1, 3]
    assert done.result.failure is None
    assert [step.failure for step in done.result.steps] == [None, "it holds no number", None]
    assert [step.inputs for step in done.result.steps][1] == {"x": "none"}


def test_an_item_that_does_not_render_is_left_out_and_not_asked() -> None:
    program = program_of(
        {
            "lines": {"generate": {"output": {"type": "json"}}},
            "n": {"for_each": {"over": "lines", "as": "x"}},
        },
        "n",
        {"lines": "{{ question }}", "n": "{{ x.a }}"},
        QUESTION,
    )
    done = Driven(
        program,
        lambda asked: '[{"a": "1"}, {}, {"a": "3"}]' if asked == "q" else asked,
        question="q",
    )

    assert done.rounds == [["lines"], ["n", "n"]]
    assert done.result.answer == ["1", "3"]
    assert done.result.steps[2].failure == "its template does not render: `x.a` is undefined"


def test_an_empty_list_asks_nothing() -> None:
    done = Driven(listed({"for_each": {"over": "texts", "as": "x"}}, "{{ x }}"), str, texts=[])

    assert done.rounds == []
    assert done.result == Result([], None, (), None)


def test_items_of_a_batch_without_an_answer_are_named() -> None:
    template = "{% for e in xs %}{{ e.id }} {{ e.item }}\n{% endfor %}"
    node = {
        "batch": {"over": "texts", "as": "xs", "size": 3, "most": 4, "output": {"type": "number"}}
    }
    answers = {"1 a\n2 b\n3 c": "3: 30\n1: 10\n2: many", "1 d": "?"}
    done = Driven(listed(node, template), answers.__getitem__, texts=list("abcde"))

    assert done.rounds == [["n", "n"]]
    assert done.result.answer == [10, 30]
    assert [(step.value, step.failure) for step in done.result.steps] == [
        ([10, 30], "no answer can be read for 1 of 3 items: 2"),
        ([], "no answer can be read for 1 of 1 items: 1"),
    ]


def test_nodes_of_one_round_are_asked_together_and_their_failures_all_kept() -> None:
    program = program_of(
        {
            "a": {"generate": {"output": {"type": "number"}}},
            "b": {"generate": {"output": {"type": "number"}}},
            "answer": {"generate": {}},
        },
        "answer",
        {"a": "a {{ question }}", "b": "b {{ question }}", "answer": "{{ a }}{{ b }}"},
        QUESTION,
    )
    assert Driven(program, lambda _asked: "1", question="q").rounds == [["a", "b"], ["answer"]]

    done = Driven(program, lambda _asked: "x", question="q")
    assert done.rounds == [["a", "b"]]
    assert [step.failure for step in done.result.steps] == ["it holds no number"] * 2
    assert done.result.failure == Failure("a", "it holds no number")


def test_the_wrong_number_of_texts_is_a_mistake_of_the_driver() -> None:
    program = listed({"for_each": {"over": "texts", "as": "x"}}, "{{ x }}")
    for texts in (["1"], ["1", "2", "3"]):
        run = program.run({"texts": ["a", "b"]})
        next(run)
        with pytest.raises(ValueError, match="2 calls"):
            run.send(texts)


PLAIN = Graph.plain({"type": "number"}, {"kind": "number"}, {"temperature": 0})


def plain() -> Program:
    template = compile_template("How much is {{ question }}?", name="prompt.jinja")
    return compile_program(PLAIN, {"prompt": template}, inputs=QUESTION)


def test_a_plain_prompt_has_one_step_with_the_very_inputs() -> None:
    inputs = {"question": "2+2"}
    (ask,) = plain().first_asks(inputs)
    assert ask.node == "prompt"
    assert ask.messages == [{"role": "user", "content": "How much is 2+2?"}]
    assert ask.params == {"temperature": 0}

    result = Driven(plain(), lambda _asked: "it is 4", **inputs).result
    assert (result.answer, result.output, result.failure) == (4, "it is 4", None)
    (step,) = result.steps
    assert step == Step("prompt", inputs, ask.messages, "it is 4", 4, None)


def test_a_plain_prompt_runs_as_the_general_way_would_run_it() -> None:
    """A second node that changes nothing takes the short cut away."""
    nodes = {
        "prompt": {"generate": {"output": {"type": "number"}}},
        "same": {"union": {"of": ["prompt"]}},
    }
    longer = program_of(nodes, "same", {"prompt": "How much is {{ question }}?"}, QUESTION)
    for text in ("it is 4", "no idea"):
        short = Driven(plain(), lambda _asked, text=text: text, question="2+2")
        general = Driven(longer, lambda _asked, text=text: text, question="2+2")
        assert short.asked == general.asked
        assert short.result.steps == general.result.steps[:1]
        assert short.result.failure == general.result.failure
        assert short.result.output == general.result.output


def test_a_program_made_by_hand_needs_its_searches() -> None:
    graph = graph_of({"found": {"retrieve": {"query": "question"}}}, "found")
    with pytest.raises(ConfigError, match="`found` has nothing to search"):
        Program(graph, check(graph, {}, QUESTION), {})


def test_driving_one_call_after_the_other_gives_the_same_result() -> None:
    program = two_nodes({"type": "text"})

    def answer(ask: Ask) -> str:
        return ask.messages[-1]["content"] + "!"

    assert drive(program.run({"question": "q"}), answer).answer == "A F q!!"
    empty = listed({"for_each": {"over": "texts", "as": "x"}}, "{{ x }}")
    assert drive(empty.run({"texts": []}), answer).answer == []


def test_importing_programs_loads_no_jinja2() -> None:
    code = "import sys, landrace.program; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, check=True, text=True
    )
    loaded = set(done.stdout.split())

    assert "landrace" in loaded
    assert not loaded & {"jinja2", "pydantic", "yaml", "dataclasses", "pathlib", "difflib"}
