from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import replace

import pytest
from fake_provider import FakeProvider, Reply, chat_reply, error_reply

from landrace.errors import BudgetExhaustedError, CallError, ModelError, TransientCallError
from landrace.gateway.base import Message, Request
from landrace.gateway.cached import CachedGateway
from landrace.gateway.litellm import (
    LiteLLMGateway,
    check_model,
    check_params,
    known_models,
    price_of,
)
from landrace.gateway.metered import Meter, MeteredGateway, worst_case
from landrace.gateway.retrying import RetryingGateway
from landrace.ledger import Ledger
from landrace.schemas.pipeline import Budget
from landrace.schemas.score import Usage

# Pytest takes back the filters that the gateway sets for everybody.
pytestmark = pytest.mark.filterwarnings("ignore:Item .* on TypedDict class:UserWarning")

KEY = "sk-abcdefghijklmnopqrstuvwxyz"
MODEL = "openai/gpt-4o-mini"
QUOTA = "You exceeded your current quota, please check your plan and billing details."
FLAGGED = "Your chosen model requires moderation and your input was flagged"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@pytest.fixture
def provider():
    with FakeProvider() as provider:
        yield provider


def request_to(provider, model=MODEL, **params):
    messages = (Message("system", "Be brief."), Message("user", "hello"))
    return Request(model, messages, {"api_base": provider.api_base, **params})


def ask(provider, reply, **params):
    provider.replies = [reply]
    return LiteLLMGateway().complete(request_to(provider, **params))


def test_answers_with_usage_and_cost(provider):
    completion = ask(provider, chat_reply("hi", "length"), temperature=0)
    assert (completion.text, completion.finish_reason) == ("hi", "length")
    usage = completion.usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (5, 2)
    price = price_of(MODEL)
    assert usage.cost_usd == pytest.approx(5 * price.prompt + 2 * price.completion)
    assert completion.latency_s > 0


def test_sends_the_messages_and_the_bound_that_budgets_count_with(provider):
    ask(provider, chat_reply(), temperature=0.5, top_p=0.9)
    (body,) = provider.bodies
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hello"},
    ]
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.5, 0.9, 256)


def test_an_unknown_price_is_none(provider):
    answer = chat_reply(model="house-model")
    provider.replies = [answer]
    completion = LiteLLMGateway().complete(request_to(provider, "openai/house-model"))
    assert completion.usage.cost_usd is None
    assert price_of("openai/house-model") is None


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": 0, "completion_tokens": 0}])
def test_usage_that_is_not_reported_is_the_most_that_it_can_be(provider, usage):
    completion = ask(provider, chat_reply("ok " * 50, usage=usage), max_tokens=64)
    bound = worst_case(request_to(provider, max_tokens=64), None)
    assert completion.usage == Usage(bound.prompt_tokens, 64, None)
    assert ask(provider, chat_reply("ok", usage=usage)).usage.completion_tokens == 2


def test_an_answer_of_nothing_takes_no_tokens(provider):
    usage = {"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 5}
    found = ask(provider, chat_reply("", usage=usage)).usage
    assert (found.prompt_tokens, found.completion_tokens) == (5, 0)
    assert found.cost_usd == pytest.approx(5 * price_of(MODEL).prompt)


def test_ceilings_bind_where_no_usage_is_reported(provider, tmp_path):
    provider.replies = [chat_reply("ok " * 50, usage=None)]
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        meter = Meter(Budget(tokens=1000, cost_usd=0.001))
        recorder = CachedGateway(LiteLLMGateway(), ledger, study="s")
        gateway = MeteredGateway(recorder, meter, study="s", price=price_of)
        wanted = request_to(provider, max_tokens=64)
        with pytest.raises(BudgetExhaustedError):
            [gateway.complete(replace(wanted, repeat=repeat)) for repeat in range(100)]
    assert meter.unpriced
    assert 0 < meter.spent.tokens <= 1000
    assert meter.spent.cost_usd > 0


def test_the_installed_table_says_which_models_there_are_and_which_of_them_end():
    models = {model.names[0]: model for model in known_models()}
    assert models["openai/gpt-4o-mini"].mode == "chat"
    assert models["openai/text-embedding-3-small"].mode == "embedding"
    assert len(models) == len(known_models())
    assert any(model.ends for model in models.values())


def test_no_content_is_an_empty_text(provider):
    assert ask(provider, chat_reply(None, "content_filter")).text == ""


def test_half_a_character_in_an_answer_is_marked_as_such(provider):
    assert ask(provider, chat_reply("cat \ud83d")).text == "cat \ufffd"


def test_half_a_character_in_a_message_reaches_no_provider(provider):
    pauses = []
    gateway = RetryingGateway(LiteLLMGateway(), sleep=pauses.append)
    half = replace(request_to(provider), messages=(Message("user", "half \ud83d"),))
    with pytest.raises(CallError, match="surrogate"):
        gateway.complete(half)
    assert not provider.bodies
    assert not pauses


@pytest.mark.parametrize(
    ("reply", "retry_after"),
    [
        (error_reply(429, Retry_After="7"), 7),
        (error_reply(503, Retry_After="Wed, 21 Oct 2009 07:28:00 GMT"), 0),
        (error_reply(500), None),
        (error_reply(529), None),
        (error_reply(429, f"{QUOTA} PerMinute. Please retry in 36.4s."), 36.4),
        (error_reply(408), None),
        (error_reply(409), None),
        (Reply(502, b"<html>bad gateway", (("Content-Type", "text/html"),)), None),
        (Reply(200, b"<html>hello"), None),
        (Reply(200, b"{}"), None),
        (chat_reply(choices=[]), None),
        (Reply(0), None),
    ],
    ids=lambda value: f"{value.status}-{value.body[:6]!r}" if isinstance(value, Reply) else None,
)
def test_what_time_may_heal(provider, reply, retry_after):
    with pytest.raises(TransientCallError) as caught:
        ask(provider, reply)
    assert caught.value.retry_after == retry_after
    assert len(provider.bodies) == 1


def test_nobody_listens(provider):
    with pytest.raises(TransientCallError):
        LiteLLMGateway().complete(request_to(provider, api_base="http://127.0.0.1:9/v1"))


@pytest.mark.parametrize(
    ("reply", "problem", "fix"),
    [
        (
            error_reply(400, "This model's maximum context length is 8 tokens"),
            "context length",
            "Shorten",
        ),
        (error_reply(400, "rejected by our safety system"), "safety", "other requests"),
        (error_reply(422, "bad"), "bad", "other requests"),
        (error_reply(403, FLAGGED, 403), "flagged", "other requests"),
    ],
)
def test_a_refused_request_is_final(provider, reply, problem, fix):
    with pytest.raises(CallError, match=problem) as caught:
        ask(provider, reply)
    assert not isinstance(caught.value, TransientCallError)
    assert caught.value.where == MODEL
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (error_reply(401, f"Incorrect API key provided: {KEY}"), "refused the key"),
        (error_reply(403, "forbidden"), "refused the key"),
        (error_reply(404, "The model `x` does not exist"), "does not know the model"),
        (error_reply(402, "pay"), "no credit"),
        (error_reply(429, "You exceeded your current quota", "insufficient_quota"), "no credit"),
        (error_reply(400, "Unsupported parameter: x", "unsupported_parameter"), "parameter"),
    ],
)
def test_what_no_request_can_pass(provider, reply, problem):
    with pytest.raises(ModelError, match=problem) as caught:
        ask(provider, reply)
    assert KEY not in str(caught.value)
    assert caught.value.fix


def test_a_retry_waits_as_the_provider_asks(provider):
    provider.replies = [error_reply(429, Retry_After="7"), error_reply(500), chat_reply("yes")]
    pauses = []
    gateway = RetryingGateway(LiteLLMGateway(), sleep=pauses.append)
    assert gateway.complete(request_to(provider)).text == "yes"
    assert len(provider.bodies) == 3
    assert 7 <= pauses[0] <= 8


@pytest.mark.parametrize("name", ["api_key", "stream", "mock_response", "fallbacks", "n"])
def test_some_parameters_are_refused(provider, name):
    with pytest.raises(ModelError, match=f"`{name}`"):
        ask(provider, chat_reply(), **{name: 1})
    assert not provider.bodies


def test_other_parameters_are_the_providers_business():
    check_params({"temperature": 1, "reasoning_effort": "low", "timeout": 3}, "m")


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("openai/gpt-4o-mini", "OPENAI_API_KEY"),
        ("gpt-4o-mini", "OPENAI_API_KEY"),
        ("anthropic/any", "ANTHROPIC_API_KEY"),
        ("gemini/any", "GEMINI_API_KEY"),
        ("groq/any", "GROQ_API_KEY"),
    ],
)
def test_a_missing_key_names_its_variable(monkeypatch, model, variable):
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ModelError, match="a missing API key") as caught:
        check_model(model)
    assert variable in caught.value.fix
    with pytest.raises(ModelError, match="a missing API key"):
        LiteLLMGateway().complete(Request(model, (Message("user", "hi"),)))


def test_an_embedded_model_without_its_prefix_is_told_its_id():
    with pytest.raises(ModelError, match="a model id litellm does not know") as caught:
        check_model("smollm2-135m-instruct")
    assert "local/smollm2-135m-instruct" in caught.value.fix


@pytest.mark.parametrize("model", ["nope", "nowhere/nothing"])
def test_an_unknown_model_says_how_ids_look(model, capfd):
    with pytest.raises(ModelError, match="a model id litellm does not know") as caught:
        check_model(model)
    assert "<provider>/<model>" in caught.value.fix
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("openai/gpt-4o-mini", None),
        ("bedrock/anthropic.claude-v2", None),
        ("ollama/llama3", None),
        ("anthropic/any", "ANTHROPIC_FEDERATION_RULE_ID"),
    ],
)
def test_models_that_may_work_pass(monkeypatch, model, variable):
    if variable:
        monkeypatch.setenv(variable, "rule")
    check_model(model)


def test_says_nothing_while_failing(provider, capfd, caplog):
    with caplog.at_level(logging.DEBUG, logger="LiteLLM"), pytest.raises(ModelError):
        ask(provider, error_reply(401, "no"))
    assert capfd.readouterr() == ("", "")


def test_reads_no_environment_file(tmp_path):
    (tmp_path / ".env").write_text("OPENAI_BASE_URL=http://127.0.0.1:9/evil\n")
    code = (
        "import os; from landrace.gateway.litellm import check_model; check_model('openai/x');"
        "print(os.environ.get('OPENAI_BASE_URL'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("None\n", "")
