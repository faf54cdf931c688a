"""What every gateway promises, whoever answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from fake_provider import close_clients

from landrace.errors import CallError, GivenUpError, LandraceError, TransientCallError
from landrace.gateway.base import Completion, Message, Request
from landrace.gateway.catalogue import resolve
from landrace.gateway.connect import RoutingGateway
from landrace.gateway.engine import Engine
from landrace.gateway.litellm import LiteLLMGateway
from landrace.gateway.local import LocalGateway
from landrace.gateway.retrying import RetryingGateway
from landrace.gateway.scripted import ScriptedGateway

pytestmark = pytest.mark.filterwarnings("ignore:Item .* on TypedDict class:UserWarning")


class Asked:
    """A gateway, and the model and parameters to ask it with."""

    def __init__(self, gateway, model="openai/any", params=None):
        self.gateway = gateway
        self.model = model
        self.params = {"temperature": 0, "max_tokens": 6} | (params or {})

    def complete(self, *texts):
        messages = tuple(Message("user", text) for text in texts)
        return self.gateway.complete(Request(self.model, messages, self.params))


def scripted(**options):
    return ScriptedGateway(lambda request: request.messages[-1].content.upper(), **options)


@pytest.fixture(scope="module")
def scripted_model():
    return Asked(scripted())


@pytest.fixture(scope="module")
def retrying_model():
    inner = scripted(failure_rate=0.3)
    return Asked(RetryingGateway(inner, attempts=20, sleep=lambda _: None))


@pytest.fixture(scope="module")
def routed_model():
    return Asked(RoutingGateway(lambda _: scripted()))


@pytest.fixture(scope="module")
def local_model(smollm2):
    gateway = LocalGateway()
    yield Asked(gateway, smollm2)
    gateway.close()


@pytest.fixture(scope="module")
def litellm_model(smollm2):
    """Litellm's OpenAI client against the embedded model's own server."""
    engine = Engine(resolve(smollm2), slots=1, context_tokens=512)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", engine.api_key)
        yield Asked(LiteLLMGateway(), "openai/any", {"api_base": engine.address + "/v1", "seed": 1})
    close_clients()
    engine.close()


@pytest.fixture(
    params=[
        "scripted_model",
        "retrying_model",
        "routed_model",
        pytest.param("local_model", marks=pytest.mark.model),
        pytest.param("litellm_model", marks=pytest.mark.model),
    ]
)
def asked(request):
    return request.getfixturevalue(request.param)


def test_an_answer_has_a_text_and_what_it_took(asked):
    completion = asked.complete("Say hello")
    assert isinstance(completion, Completion)
    assert completion.text
    assert completion.usage.prompt_tokens > 0
    assert completion.usage.completion_tokens > 0
    assert completion.usage.cost_usd is None or completion.usage.cost_usd >= 0
    assert completion.finish_reason in {"stop", "length"}
    assert completion.latency_s >= 0


def test_the_same_question_gets_the_same_answer(asked):
    first, second = (asked.complete("Name a colour") for _ in range(2))
    assert (first.text, first.usage) == (second.text, second.usage)


def test_eight_threads_get_the_answers_of_one(asked):
    texts = ["Name a colour", "Say hello", "Count to ten", "Name a fish"] * 2
    alone = [asked.complete(text).usage.prompt_tokens for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(asked.complete, texts))
    assert [completion.usage.prompt_tokens for completion in together] == alone
    assert all(completion.text for completion in together)


def test_no_messages_is_a_failed_call(asked):
    with pytest.raises(CallError, match="no messages"):
        asked.complete()


def test_an_unknown_role_is_a_failed_call(asked):
    request = Request(asked.model, (Message("wizard", "hi"),), asked.params)
    with pytest.raises(CallError, match="unknown role 'wizard'"):
        asked.gateway.complete(request)


def test_half_a_character_is_a_failed_call_and_no_outage(asked):
    with pytest.raises(CallError, match="half of a surrogate pair") as caught:
        asked.complete("half \ud83d")
    assert not isinstance(caught.value, TransientCallError | GivenUpError)


@pytest.mark.parametrize("text", ["", " ", "\x00", "ä€😀", "\ud800", "{{ x }}", "<|im_end|>"])
def test_any_text_is_answered_or_refused(asked, text):
    with suppress(LandraceError):
        assert isinstance(asked.complete(text), Completion)
