"""What a provider's failure means for the request, and what to do about it.

Works on any exception with the attributes that litellm's have, so it needs no litellm.
"""

from __future__ import annotations

import math
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from landrace.errors import CallError, ModelError, ParameterError, TransientCallError
from landrace.gateway.catalogue import CATALOGUE
from landrace.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_MESSAGE = 300

_TRANSIENT_STATUS = frozenset({408, 409, 425, 429})

# "litellm.RateLimitError: RateLimitError: OpenAIException - ", before the provider's words.
_PREFIXES = re.compile(r"^(?:(?:litellm\.)?[A-Za-z ]*(?:Error|Exception|Timeout)(?: -|:)\s*)+")

_MISSING_KEY = re.compile(
    r"missing (?:\w+ )?(?:api key|credentials)|api[ _]key .{0,40}must be set|unable to locate cred",
    re.IGNORECASE,
)
# Gemini words a limit of a minute, a limit of a day, and no quota at all (a limit of 0) alike, and
# asks to retry within a minute each time.
_NO_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)
_LASTING = re.compile(r"insufficient_quota|PerDay|limit: 0\b(?!\.\d)")
_PASSING = re.compile(r"\btry again in \d|\bretry in \d|retryDelay|per[ _]?minute", re.IGNORECASE)
_DELAY = re.compile(r"(?:\b(?:retry|try again) in |retryDelay\W{1,9})(\d+(?:\.\d+)?)s\b")

# What a 403 with such words refuses, at OpenRouter and others, is the one request and not the key.
_FLAGGED = re.compile(
    r"(?:input|prompt|content|request) .{0,20}flagged|flagged_input|requires moderation"
    r"|content[ _-](?:policy|filter)|prompt injection|guardrail",
    re.IGNORECASE,
)
_UNKNOWN_PROVIDER = "LLM Provider NOT provided"
_BAD_PARAMETER_CODES = frozenset(
    {"unsupported_parameter", "unsupported_value", "unknown_parameter", "invalid_parameter"}
)


def explain(error: Exception, model_id: str) -> CallError | ModelError:
    """What landrace raises for an error of litellm's."""
    return (
        _configuration_error(error, model_id)
        or _transient_error(error, model_id)
        or CallError(
            f"the provider refused the request: {_message(error)}",
            where=model_id,
            fix=_request_fix(error),
        )
    )


def missing_key(model_id: str, variables: Iterable[str]) -> ModelError:
    """The error for a provider whose key is not set. ``variables`` are names, never values."""
    names = sorted(variables)
    if len(names) == 1:
        fix = f"Set the environment variable {names[0]}."
    else:
        fix = f"Set the environment variables that fit your account: {', '.join(names)}."
    return ModelError("a missing API key", where=model_id, fix=fix)


def retry_after_s(value: str | None, now: float) -> float | None:
    """The seconds that a ``Retry-After`` header asks for: a number, or a date after ``now``."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _id_fix(model_id: str) -> str:
    if model_id in CATALOGUE:
        return f"Write {CATALOGUE[model_id].id} for the embedded model."
    return (
        "Write <provider>/<model>, as in anthropic/claude-sonnet-4-5; "
        "an embedded model is local/<name>."
    )


def _configuration_error(error: Exception, model_id: str) -> ModelError | None:
    """No request to this model can succeed before somebody changes something."""
    status, text = _status(error), str(error)
    if _UNKNOWN_PROVIDER in text:
        problem = "a model id litellm does not know"
        fix = _id_fix(model_id)
    elif _MISSING_KEY.search(text):
        problem = f"missing credentials: {_message(error)}"
        fix = "Set the variables that the provider's page in litellm's documentation names."
    elif status == 401 or (status == 403 and not _FLAGGED.search(text)):
        problem = f"the provider refused the key: {_message(error)}"
        fix = "Check that the key in the environment is valid and may use this model."
    elif status == 402 or (status == 429 and _is_out_of_quota(text)):
        problem = f"the account has no credit left: {_message(error)}"
        fix = "Check the plan and the billing of the account."
    elif status == 404:
        problem = f"the provider does not know the model: {_message(error)}"
        fix = "Check the model's id, and api_base where one is given."
    elif _is_bad_parameter(error):
        return ParameterError(
            f"the model does not take a parameter: {_message(error)}",
            where=model_id,
            fix="Set the model's `params` in the pipeline; where it has none, temperature is 0.",
        )
    else:
        return None
    return ModelError(problem, where=model_id, fix=fix)


def _transient_error(error: Exception, model_id: str) -> TransientCallError | None:
    status = _status(error)
    if status not in _TRANSIENT_STATUS and status < 500:
        return None
    return TransientCallError(
        f"the provider failed ({status}): {_message(error)}",
        where=model_id,
        retry_after=_retry_after(error),
    )


def _retry_after(error: Exception) -> float | None:
    """The seconds that the provider asks for, in a header or else in its words."""
    seconds = retry_after_s(_header(error, "retry-after"), time.time())
    if seconds is not None:
        return seconds
    found = _DELAY.search(str(error))
    return retry_after_s(found[1], 0.0) if found else None


def _is_out_of_quota(text: str) -> bool:
    """Whether waiting does not help."""
    if not _NO_QUOTA.search(text):
        return False
    return bool(_LASTING.search(text)) or not _PASSING.search(text)


def _request_fix(error: Exception) -> str:
    if type(error).__name__ == "ContextWindowExceededError":
        return "Shorten the prompt, or choose a model with a larger context."
    return "Read the provider's words; the other requests are not affected."


def _is_bad_parameter(error: Exception) -> bool:
    if type(error).__name__ == "UnsupportedParamsError":
        return True
    return getattr(error, "code", None) in _BAD_PARAMETER_CODES


def _status(error: Exception) -> int:
    """The HTTP status; a failure without one is one of the network or of an adapter."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else 500


def _header(error: Exception, name: str) -> str | None:
    response = getattr(error, "response", None)
    for headers in (
        getattr(error, "litellm_response_headers", None),
        getattr(response, "headers", None),
    ):
        for key, value in dict(headers or {}).items():
            if str(key).lower() == name:
                return str(value)
    return None


def _message(error: Exception) -> str:
    """The provider's words on one line, without secrets and litellm's frame."""
    text = redact(str(error)).split("Traceback (most recent call last)")[0]
    text = _PREFIXES.sub("", " ".join(text.split()))
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"
