"""Every provider that litellm reaches; the only importer of litellm."""

from __future__ import annotations

import logging
import os
import time
import warnings
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from landrace.errors import ModelError, TransientCallError
from landrace.gateway.base import Completion
from landrace.gateway.known_models import KnownModel, read_table
from landrace.gateway.litellm_errors import explain, missing_key
from landrace.gateway.logins import check_login, needs_login
from landrace.gateway.metered import (
    DEFAULT_MAX_TOKENS,
    Price,
    most_completion,
    most_prompt,
    most_tokens,
)
from landrace.gateway.request_check import check_request
from landrace.parsers.texts import sound
from landrace.schemas.score import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.gateway.base import Request

DEFAULT_TIMEOUT_S = 120.0

# Without these litellm fetches tables from the web, or reads a .env file out of the working
# directory: there, a pull request could point OPENAI_BASE_URL at a host of its own.
_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_MODE": "PRODUCTION",
}

# These would change what a request is, hide failures, or keep a secret in a file.
_REFUSED_PARAMS = {
    "api_key": "Set the provider's environment variable instead.",
    "drop_params": "Leave it out: what is sent must be what was scored.",
    "fallbacks": "Leave it out: an answer must come from the model that it is counted for.",
    "max_retries": "Leave it out: landrace repeats calls itself.",
    "messages": "Leave it out: the messages come from the template.",
    "mock_response": "Leave it out.",
    "model": "Leave it out: the model is given by its id.",
    "n": "Leave it out: use repeats.",
    "num_retries": "Leave it out: landrace repeats calls itself.",
    "prompt_id": "Leave it out: the messages come from the template.",
    "stream": "Leave it out: answers are read whole.",
    "tools": "Leave it out: prompts are plain chats.",
}

# Their credentials may come from a role, a metadata server or a login, where litellm's check
# of environment variables sees none; or they need none.
_AMBIENT_PROVIDERS = frozenset(
    {
        "azure",
        "azure_ai",
        "bedrock",
        "bedrock_converse",
        "ollama",
        "ollama_chat",
        "sagemaker",
        "sagemaker_chat",
        "vertex_ai",
        "vertex_ai_beta",
    }
)
_AMBIENT_VARIABLES = {
    "anthropic": "ANTHROPIC_FEDERATION_RULE_ID",
    "openai": "OPENAI_IDENTITY_PROVIDER_ID",
}


class LiteLLMGateway:
    """Answers requests to any provider; thread-safe. It makes one attempt, see ``retrying``.

    ``timeout_s`` bounds an attempt, in seconds; a request's own ``timeout`` goes before.
    Where a request gives no ``max_tokens``, the bound that budgets count with is sent.
    """

    def __init__(self, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        # A missing key is looked for once a model, with one message for all threads.
        self._check_model = lru_cache(maxsize=256)(check_model)

    def complete(self, request: Request) -> Completion:
        check_request(request)
        check_params(request.params, request.model)
        self._check_model(request.model)
        started = time.perf_counter()
        try:
            response = _litellm().completion(
                model=request.model,
                messages=[message._asdict() for message in request.messages],
                **self._options(request.params),
            )
        except Exception as error:
            raise explain(error, request.model) from error
        return _completion(response, request, time.perf_counter() - started)

    def _options(self, params: Mapping[str, Any]) -> dict[str, Any]:
        options = {"timeout": self._timeout_s, **params, "num_retries": 0, "max_retries": 0}
        if "max_completion_tokens" not in options:
            options.setdefault("max_tokens", DEFAULT_MAX_TOKENS)
        return options


def check_params(params: Mapping[str, Any], where: str) -> None:
    """Check decoding parameters, without a network.

    Raises:
        ModelError: one of them must not be given.
    """
    for name in params:
        if name in _REFUSED_PARAMS:
            raise ModelError(
                f"`{name}` must not be among a model's parameters",
                where=where,
                fix=_REFUSED_PARAMS[name],
            )


def check_model(model_id: str) -> None:
    """Check that a request to this model may succeed, without a network or a login.

    Raises:
        ModelError: litellm finds no provider for the id, or there is no key or login for it.
    """
    if needs_login(model_id):
        check_login(model_id)
        return
    litellm = _litellm()
    try:
        provider = litellm.get_llm_provider(model_id)[1]
    except litellm.exceptions.BadRequestError as error:
        raise explain(error, model_id) from error
    if provider in _AMBIENT_PROVIDERS or os.environ.get(_AMBIENT_VARIABLES.get(provider, "")):
        return
    found = litellm.validate_environment(model_id)
    if not found["keys_in_environment"] and found["missing_keys"]:
        raise missing_key(model_id, found["missing_keys"])


def price_of(model_id: str) -> Price | None:
    """What litellm's own table says a token costs, or None where it does not know."""
    if needs_login(model_id):  # a subscription, which the table has as free
        return None
    litellm = _litellm()
    try:
        info = litellm.get_model_info(model_id)
    except Exception:  # noqa: BLE001 - an unknown model is a bare Exception there
        return None
    prompt, completion = info.get("input_cost_per_token"), info.get("output_cost_per_token")
    if prompt is None or completion is None:
        return None
    return Price(float(prompt), float(completion))


def known_models() -> tuple[KnownModel, ...]:
    """Every model of litellm's own table, as the installed package ships it."""
    return read_table(_litellm().model_cost)


@cache
def _litellm() -> Any:
    os.environ.update(_ENVIRONMENT)
    try:
        import litellm  # noqa: PLC0415 - takes three seconds
    except ImportError as error:
        raise ModelError(
            "models of a provider need litellm", fix="Run `pip install 'landrace[pipeline]'`."
        ) from error
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.drop_params = False
    # Pydantic's remarks on litellm's own types mean nothing to a user of landrace.
    for remark in (r"Item .* on TypedDict class", "Pydantic serializer warnings"):
        warnings.filterwarnings("ignore", message=remark, category=UserWarning)
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).disabled = True
    return litellm


def _completion(response: Any, request: Request, latency_s: float) -> Completion:
    if not response.choices:
        raise TransientCallError("the provider's answer is empty", where=request.model)
    choice = response.choices[0]
    return Completion(
        text=sound(choice.message.content or ""),
        finish_reason=choice.finish_reason or "stop",
        usage=_usage(response, request),
        latency_s=latency_s,
    )


def _usage(response: Any, request: Request) -> Usage:
    """What the provider reports; what it leaves out, at the most that it can be.

    litellm has zeros where a server reports nothing, and no ceiling would ever bind.
    """
    told = getattr(response, "usage", None)
    prompt = getattr(told, "prompt_tokens", None)
    completion = getattr(told, "completion_tokens", None)
    written = most_tokens(_written(response))
    if prompt and (completion or not written):
        return Usage(prompt, completion or 0, _cost(response, request.model))
    most = min(most_completion(request.params), written)
    return Usage(prompt or most_prompt(request), completion or most, None)


def _written(response: Any) -> str:
    """All that the model wrote, its reasoning included."""
    message = response.choices[0].message
    return (message.content or "") + (getattr(message, "reasoning_content", None) or "")


def _cost(response: Any, model_id: str) -> float | None:
    try:
        return float(_litellm().completion_cost(completion_response=response, model=model_id))
    except Exception:  # noqa: BLE001 - an unknown price is a bare Exception there
        return None
