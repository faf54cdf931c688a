"""What an application runs: `landrace.run` on programs out of a folder and out of a bundle."""

from __future__ import annotations

import math
import shutil
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import landrace
from landrace.errors import ConfigError, InputTypeError
from landrace.program.run import drive
from landrace.runtime.bundle import bundle_folder
from landrace.workflows import tasks
from landrace.workflows.tasks import Pinned
from loader_cells import TEMPLATE, make_pin, write_cell
from program_world import graph_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from landrace.pin import Pin

NOTES = '{"text": "parcels arrive late"}\n{"text": "bills can be wrong"}\n'
ANSWER = "{% for note in near %}{{ note.text }}. {% endfor %}{{ ask }}\n"
FILES = {"answer.jinja": ANSWER, "notes.jsonl": NOTES}
PLAIN = {"prompt.jinja": "{{ ask }}\n"}
NODES = {
    "near": {"retrieve": {"from": "notes.jsonl", "query": "ask", "by": "embeddings", "count": 1}},
    "answer": {"generate": {"params": {"temperature": 1}}},
}
INPUTS = {"type": "object", "properties": {"ask": {"type": "string"}}, "required": ["ask"]}
SMALL = "local/small"


def embed(texts: list[str]) -> list[list[float]]:
    """Money one way, everything else the other; no word need be shared."""
    return [[1.0, 0.0] if "bill" in text or "invoice" in text else [0.0, 1.0] for text in texts]


def program_pin(files: dict[str, str], **params: Any) -> Pin:
    params = {"seed": 3, "temperature": 0, **params}
    graph = graph_json(NODES, "answer")
    return make_pin("help", SMALL, files=files, inputs=INPUTS, params=params, program=graph)


@pytest.fixture(params=["folder", "bundle"])
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., landrace.Prompt]:
    """Serves a pin with these files, out of a folder or out of the bundle of it."""

    def serve(pin: Pin, files: dict[str, str], **options: Any) -> landrace.Prompt:
        write_cell(tmp_path / "registry", pin, files)
        path = tmp_path
        if request.param == "bundle":
            path = tmp_path / "prompts.json"
            path.write_bytes(bundle_folder(tmp_path / "registry"))
        return landrace.Registry(path, **options).get(pin.prompt, pin.model.id)

    return serve


def test_a_program_retrieves_with_the_function_given_to_the_registry(serve) -> None:
    asked = []

    def complete(**request: Any) -> str:
        asked.append(request)
        return "a credit note"

    prompt = serve(program_pin(FILES), FILES, embed=embed)
    result = landrace.run(prompt, complete, ask="the invoice")

    assert result.answer == "a credit note"
    message = {"role": "user", "content": "bills can be wrong. the invoice"}
    # The node's own parameters go before the pin's.
    assert asked == [{"model": SMALL, "messages": [message], "seed": 3, "temperature": 1}]


def test_a_nodes_limit_replaces_that_of_the_pin_by_whatever_name(serve, monkeypatch) -> None:
    monkeypatch.setitem(NODES["answer"]["generate"], "params", {"max_tokens": 40})
    asked = []

    def complete(**request: Any) -> str:
        asked.append(request)
        return "a credit note"

    prompt = serve(program_pin(FILES, max_completion_tokens=900), FILES, embed=embed)
    landrace.run(prompt, complete, ask="the invoice")
    assert asked[0]["max_completion_tokens"] == 40
    assert "max_tokens" not in asked[0]


@pytest.mark.parametrize("deploy", ["another pin", "half a pin", "no registry"])
def test_a_program_that_was_got_runs_whatever_is_deployed(tmp_path, deploy: str) -> None:
    folder = write_cell(tmp_path, program_pin(FILES), FILES)
    prompt = landrace.Registry(tmp_path, embed=embed).get("help", SMALL)
    if deploy == "no registry":
        shutil.rmtree(tmp_path)
    else:
        text = make_pin("help", SMALL).dumps()
        (folder / "pin.json").write_text(text if deploy == "another pin" else text[:99], "utf-8")

    results = [landrace.run(prompt, _echo, ask="the invoice").answer for _ in range(2)]

    assert results == ["bills can be wrong. the invoice"] * 2


@pytest.mark.parametrize(
    "value",
    [math.nan, Decimal(1), date(2026, 1, 1), (1, 2), {1: 2}, [{"deep": math.inf}]],
    ids=repr,
)
def test_an_input_that_is_no_json_is_one_error_for_programs_and_plain_prompts(serve, value) -> None:
    """A program that retrieves takes a hash of its inputs, and a template need not print them."""
    inputs = {**INPUTS, "properties": {"ask": {"type": "string"}, "more": {}}}
    graph = graph_json(NODES, "answer")
    pins = [
        (make_pin("help", files=FILES, inputs=inputs, program=graph), FILES),
        (make_pin("plain", files=PLAIN, inputs=inputs), PLAIN),
    ]
    for pin, files in pins:
        prompt = serve(pin, files, embed=embed)
        with pytest.raises(InputTypeError, match="input more"):
            landrace.run(prompt, _echo, ask="the invoice", more=value)


def test_without_a_function_the_error_names_the_node(serve) -> None:
    with pytest.raises(ConfigError, match="`near` retrieves by embeddings, and nothing makes any"):
        _ = serve(program_pin(FILES), FILES).program


@pytest.mark.parametrize("missing", sorted(FILES))
def test_a_file_that_the_graph_needs_and_the_pin_does_not_name(serve, missing: str) -> None:
    files = {name: text for name, text in FILES.items() if name != missing}
    prompt = serve(program_pin(files), files, embed=embed)

    with pytest.raises(
        ConfigError, match=f"needs {missing}, which its pin does not name"
    ) as caught:
        landrace.run(prompt, str, ask="the invoice")

    assert caught.value.where == "help/local/small"


def response(content: object) -> SimpleNamespace:
    """What litellm and OpenAI give."""
    return SimpleNamespace(choices=[SimpleNamespace(message=SimpleNamespace(content=content))])


@pytest.mark.parametrize(
    ("given", "text"),
    [("fine", "fine"), (response("fine"), "fine"), (response(None), ""), (response([]), "")],
)
def test_the_text_in_what_the_function_gives(serve, given: object, text: str) -> None:
    """A model that only calls tools, say, has no text: an empty one, and no error."""
    result = landrace.run(
        serve(make_pin(), {"prompt.jinja": TEMPLATE}), lambda **_: given, review="x"
    )
    assert result.output == text


@pytest.mark.parametrize("given", [None, 3, {"choices": []}, SimpleNamespace(choices=[])])
def test_what_is_neither_a_text_nor_a_response(serve, given: object) -> None:
    prompt = serve(make_pin(), {"prompt.jinja": TEMPLATE})
    with pytest.raises(
        ConfigError, match=f"`complete` gave {type(given).__name__}, and not a text"
    ):
        landrace.run(prompt, lambda **_: given, review="x")


def test_the_pipeline_embeds_for_a_pinned_program_by_itself(monkeypatch) -> None:
    monkeypatch.setattr(tasks, "embed", embed)
    program = Pinned(program_pin(FILES), FILES).variant("registry").program

    result = drive(program.run({"ask": "the invoice"}), _last_message)

    assert result.answer == "bills can be wrong. the invoice"


def _echo(**request: Any) -> str:
    return request["messages"][-1]["content"]


def _last_message(ask: Any) -> str:
    return ask.messages[-1]["content"]
