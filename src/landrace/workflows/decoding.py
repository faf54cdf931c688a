"""Which parameters of a call decode its answer, and which say where it goes, and with what right.

What is not known to decode counts as the latter: a pull request may change how a model answers,
not who is asked, by which address, or with whose key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER, _WHOLE, _TEXT, _TEXTS = "a number", "a whole number", "a text", "a text or a list of texts"

DECODING_PARAMS: Mapping[str, str] = {
    "frequency_penalty": _NUMBER,
    "max_completion_tokens": _WHOLE,
    "max_tokens": _WHOLE,
    "min_p": _NUMBER,
    "presence_penalty": _NUMBER,
    "reasoning_effort": _TEXT,
    "repetition_penalty": _NUMBER,
    "seed": _WHOLE,
    "stop": _TEXTS,
    "temperature": _NUMBER,
    "top_k": _WHOLE,
    "top_p": _NUMBER,
}


def decoding(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that decode."""
    return {name: value for name, value in params.items() if name in DECODING_PARAMS}


def routing(params: Mapping[str, Any]) -> dict[str, Any]:
    """All others."""
    return {name: value for name, value in params.items() if name not in DECODING_PARAMS}


def misfit(params: Mapping[str, Any]) -> str:
    """What a decoding parameter is and must not be, as a clause, or nothing."""
    for name, value in decoding(params).items():
        wanted = DECODING_PARAMS[name]
        if not _fits(value, wanted):
            return f"`{name}` is not {wanted}"
    return ""


def _fits(value: Any, wanted: str) -> bool:
    if isinstance(value, bool):
        return False
    if wanted == _NUMBER:
        return isinstance(value, int | float)
    if wanted == _WHOLE:
        return isinstance(value, int) and value >= 0
    texts = value if wanted == _TEXTS and isinstance(value, list) else [value]
    return all(isinstance(text, str) for text in texts)
