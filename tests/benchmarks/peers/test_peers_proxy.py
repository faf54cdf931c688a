"""What peers are counted by: the budget, the tokens, the draws, and the server in front."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.peers.counted import CountedGateway
from benchmarks.peers.proxy import serve

from landrace.errors import BudgetExhaustedError
from landrace.gateway.base import Completion, Message, Request
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.schemas.score import Score, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TASK, PROPOSER = "fake/task", "fake/proposer"


def scripted() -> ScriptedGateway:
    return ScriptedGateway(
        lambda request: Completion(f"{request.model} {request.repeat}", usage=Usage(5, 2, 0.0))
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "answers.jsonl") as opened:
        yield opened


def counted(ledger: Ledger, *, budget: int = 10, seed: int = 0) -> CountedGateway:
    return CountedGateway(scripted(), ledger, task_model=TASK, budget=budget, seed=seed)


def request(text: str, model: str = TASK, **params: Any) -> Request:
    return Request(model, (Message("user", text),), params)


def test_a_budget_holds_for_the_task_model_alone(ledger: Ledger):
    gateway = counted(ledger, budget=2)
    for text in ("a", "b"):
        gateway.complete(request(text))
    with pytest.raises(BudgetExhaustedError):
        gateway.complete(request("c"))
    gateway.complete(request("a", PROPOSER))
    gateway.uncounted(request("c"))
    count = gateway.count
    assert (count.task.calls, count.proposer.calls, count.refused) == (2, 1, 1)
    assert (count.task.prompt_tokens, count.task.completion_tokens) == (10, 4)
    assert (count.proposer.prompt_tokens, count.proposer.completion_tokens) == (5, 2)


def test_a_call_that_is_asked_again_counts_again_and_reaches_no_model(tmp_path: Path):
    inner = scripted()
    for cached in (0, 2):
        with Ledger(tmp_path / "answers.jsonl") as ledger:
            gateway = CountedGateway(inner, ledger, task_model=TASK, budget=2, seed=0)
            gateway.complete(request("a"))
            gateway.complete(request("a"))
        assert (gateway.count.task.calls, gateway.count.cached) == (2, cached)
        assert gateway.count.task.prompt_tokens == 10
    assert inner.calls == 1


def test_a_warm_question_is_a_new_draw_each_time_and_for_each_seed(ledger: Ledger):
    question = request("a", PROPOSER, temperature=1.0)
    draws = [
        gateway.complete(question).text
        for gateway in (counted(ledger, seed=0), counted(ledger, seed=1))
        for _ in range(2)
    ]
    assert len(set(draws)) == 4


def test_what_fails_is_counted_as_a_call(ledger: Ledger):
    gateway = CountedGateway(ScriptedGateway({}), ledger, task_model=TASK, budget=3, seed=0)
    with pytest.raises(Exception, match="no answer"):
        gateway.complete(request("a"))
    assert (gateway.count.task.calls, gateway.count.failed) == (1, 1)


@pytest.fixture
def server(ledger: Ledger) -> Iterator[tuple[str, CountedGateway]]:
    gateway = counted(ledger, budget=2)
    with serve(
        gateway,
        lambda case, answer: Score(float(case == answer), f"expected {case}"),
        {"task": TASK, "proposer": PROPOSER},
        {"task": {"temperature": 0}},
    ) as address:
        yield address, gateway


def post(address: str, **body: Any) -> dict[str, Any]:
    asked = urllib.request.Request(
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked) as response:
        return json.load(response)


def turns(*texts: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text} for text in texts]


def test_the_server_answers_in_the_words_of_openai(server: tuple[str, CountedGateway]):
    address, gateway = server
    body = turns("a", [{"type": "text", "text": "b"}])
    answer = post(f"{address}/v1/chat/completions", model="task", messages=body, user="me")
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": f"{TASK} 0"}
    assert answer["usage"] == {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}
    assert gateway.count.task.calls == 1


def test_several_answers_are_several_calls(server: tuple[str, CountedGateway]):
    address, gateway = server
    answer = post(
        f"{address}/v1/chat/completions",
        model="proposer",
        messages=turns("a"),
        n=3,
        temperature=1.0,
    )
    assert len({choice["message"]["content"] for choice in answer["choices"]}) == 3
    assert gateway.count.proposer.calls == 3


def test_a_call_past_the_budget_is_a_bad_request(server: tuple[str, CountedGateway]):
    address, gateway = server
    chat = f"{address}/v1/chat/completions"
    for text in ("a", "b"):
        post(chat, model="task", messages=turns(text))
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        post(chat, model="task", messages=turns("c"))
    with refused.value as response:
        assert "are spent" in json.load(response)["error"]["message"]
    post(f"{address}/uncounted/v1/chat/completions", model="task", messages=turns("c"))
    assert (gateway.count.task.calls, gateway.count.refused) == (2, 1)


def test_the_server_judges(server: tuple[str, CountedGateway]):
    address, _ = server
    right = post(f"{address}/judge", id="x", answer="x")
    assert right == {"score": 1.0, "feedback": "expected x"}
    assert post(f"{address}/judge", id="x", answer=None)["score"] == 0.0


def test_an_unknown_model_or_path_is_refused(server: tuple[str, CountedGateway]):
    address, gateway = server
    for path, model in (("/v1/chat/completions", "other"), ("/v1/embeddings", "task")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            post(f"{address}{path}", model=model, messages=turns("a"))
        refused.value.close()
    assert gateway.count.task.calls == 0
