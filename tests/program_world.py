"""Small programs for the tests, written as prompt.yaml would have them."""

from __future__ import annotations

from typing import Any

from landrace.parsers import default_parser
from landrace.program import Graph, Library, Program, Result, compile_program
from landrace.program.graph import most_calls
from landrace.template import compile_template

FIELDS: dict[str, dict[str, Any]] = {
    "generate": {},
    "for_each": {"most": 10},
    "batch": {"size": 5, "most": 100},
    "retrieve": {
        "from": "corpus.jsonl",
        "by": "bm25",
        "count": 3,
        "aggregate": "round_robin",
        "exclude_exact": False,
        "text": "text",
    },
    "union": {},
    "extract": {"all": False},
}


def inputs_schema(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            name: {"type": kind} if isinstance(kind, str) else kind
            for name, kind in properties.items()
        },
    }


def graph_json(nodes: dict[str, Any], output: str) -> dict[str, Any]:
    """The whole JSON form of nodes that leave out what has a default."""
    whole = {}
    for name, node in nodes.items():
        ((kind, body),) = node.items()
        full = FIELDS[kind] | body
        if kind in {"generate", "for_each", "batch"}:
            contract = full.setdefault("output", {"type": "text"})
            full.setdefault("params", {})
            full.setdefault("parser", default_parser(contract))
            full.setdefault("template", f"{name}.jinja")
        whole[name] = {kind: full}
    return {"nodes": whole, "output": output}


def graph_of(nodes: dict[str, Any], output: str) -> Graph:
    return Graph.from_dict(graph_json(nodes, output))


def program_of(
    nodes: dict[str, Any],
    output: str,
    templates: dict[str, str],
    inputs: dict[str, Any],
    library: Library | None = None,
) -> Program:
    graph = graph_of(nodes, output)
    compiled = {
        name: compile_template(source, name=f"{name}.jinja") for name, source in templates.items()
    }
    return compile_program(graph, compiled, inputs=inputs, library=library, where="prompt.yaml")


class Driven:
    """Runs a program with a function for the model; keeps how the calls were asked."""

    def __init__(self, program: Program, model, **inputs: Any) -> None:
        self.rounds: list[list[str]] = []
        self.asked: list[str] = []
        self.result: Result = self._drive(program, model, inputs)
        assert len(self.asked) <= most_calls(program.graph)

    def _drive(self, program, model, inputs) -> Result:
        run = program.run(inputs)
        try:
            asks = next(run)
            while True:
                assert asks
                self.rounds.append([ask.node for ask in asks])
                texts = []
                for ask in asks:
                    self.asked.append(ask.messages[-1]["content"])
                    texts.append(model(ask.messages[-1]["content"]))
                asks = run.send(texts)
        except StopIteration as end:
            return end.value
