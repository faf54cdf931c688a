from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from landrace.errors import ModelError
from landrace.gateway import catalogue
from landrace.gateway.base import Message, Request
from landrace.gateway.connect import RoutingGateway, check_model, connect, fingerprint, price_of
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway


def request_to(model):
    return Request(model, (Message("user", "hi"),))


def test_each_model_has_its_gateway_made_once():
    made = []

    def make(model_id):
        made.append(model_id)
        return ScriptedGateway(lambda request: f"{model_id} answers {request.model}")

    gateway = RoutingGateway(make)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(gateway.complete, [request_to("a"), request_to("b")] * 20))
    assert [answer.text for answer in answers] == ["a answers a", "b answers b"] * 20
    assert sorted(made) == ["a", "b"]


def test_models_may_share_a_gateway():
    gateway = RoutingGateway(
        lambda model_id: ScriptedGateway(lambda _: model_id), route=lambda m: m.split("/")[0]
    )
    texts = [gateway.complete(request_to(model)).text for model in ("x/1", "x/2", "y/1")]
    assert texts == ["x/1", "x/1", "y/1"]


def test_closes_what_can_be_closed():
    closed = []

    class Closable(ScriptedGateway):
        def close(self):
            closed.append(True)

    with RoutingGateway(
        lambda m: Closable(lambda _: "") if m == "a" else ScriptedGateway(lambda _: "")
    ) as gateway:
        gateway.complete(request_to("a"))
        gateway.complete(request_to("b"))
    assert closed == [True]


def test_loads_nothing_before_the_first_request():
    code = (
        "import sys; from landrace.gateway.connect import connect; connect();"
        "print([m for m in ('litellm', 'xllamacpp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.model
def test_local_models_are_answered_here(smollm2):
    with connect() as gateway:
        assert gateway.complete(request_to(smollm2)).text


def test_other_models_go_to_litellm(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with connect({"anthropic/any": 2}) as gateway, pytest.raises(ModelError, match="API key"):
        gateway.complete(request_to("anthropic/any"))


@pytest.mark.parametrize(
    ("model", "params", "problem"),
    [
        ("local/nothing", {}, "no such model"),
        ("local/nothing", {"temprature": 1}, "unknown parameter"),
        ("openai/any", {"stream": True}, "`stream`"),
        ("nowhere/nothing", {}, "litellm does not know"),
    ],
)
def test_check_model_needs_no_network(model, params, problem):
    with pytest.raises(ModelError, match=problem):
        check_model(model, params)


def test_check_model_passes(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    check_model("openai/any", {"temperature": 1})
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    check_model(f"local/{path}", {"temperature": 1})


def test_fingerprints_and_prices(tmp_path):
    name = "smollm2-135m-instruct"
    assert fingerprint(f"local/{name}") == catalogue.CATALOGUE[name].sha256
    assert fingerprint("openai/gpt-4o-mini") == ""
    assert price_of(f"local/{name}") == Price(0.0, 0.0)
    price = price_of("openai/gpt-4o-mini")
    assert 0 < price.prompt < price.completion


def test_a_changed_file_has_another_fingerprint(tmp_path):
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF one")
    first = fingerprint(f"local/{path}")
    path.write_bytes(b"GGUF two")
    os.utime(path, ns=(1, 1))
    assert fingerprint(f"local/{path}") != first
