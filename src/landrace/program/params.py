"""Decoding parameters in litellm's words: which there are, and one set laid over another.

What is not known to decode may say where a call goes, and with what right. A pipeline gives that,
and never what a pull request may bring: a node, a candidate or a pin's graph.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER, _WHOLE, _TEXT, _TEXTS = "a number", "a whole number", "a text", "a text or a list of texts"
_OBJECT = "an object"

DECODING_PARAMS: Mapping[str, str] = {
    "frequency_penalty": _NUMBER,
    "max_completion_tokens": _WHOLE,
    "max_tokens": _WHOLE,
    "min_p": _NUMBER,
    "presence_penalty": _NUMBER,
    "reasoning_effort": _TEXT,
    "repetition_penalty": _NUMBER,
    "response_format": _OBJECT,
    "seed": _WHOLE,
    "stop": _TEXTS,
    "temperature": _NUMBER,
    "top_k": _WHOLE,
    "top_p": _NUMBER,
}

LIMITS = ("max_tokens", "max_completion_tokens")


def overlaid(params: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """``params`` with ``more`` over them; an answer's limit has two names and replaces the other.

    OpenAI refuses both at once, and its newer models the older name, so the newer one stays where
    either side has it.
    """
    found = {**params, **more}
    given = [name for name in LIMITS if name in more]
    if len(given) == 1 and all(name in found for name in LIMITS):
        del found["max_tokens"]
        found["max_completion_tokens"] = more[given[0]]
    return found


class ParamProblem(NamedTuple):
    """What is wrong with a parameter, to be read after its name, and what to do about it."""

    text: str
    fix: str


def param_problem(name: str, value: object) -> ParamProblem | None:
    """Why this is no decoding parameter with a value that it can have, or None."""
    wanted = DECODING_PARAMS.get(name)
    if wanted is None:
        listing = f"those that decode are {', '.join(DECODING_PARAMS)}"
        fix = near_fix(name, DECODING_PARAMS) or f"{listing}; others belong to a pipeline's model"
        return ParamProblem("is no decoding parameter", fix)
    if not _fits(value, wanted):
        return ParamProblem(f"is not {wanted}", f"give {wanted}")
    return None


def _fits(value: object, wanted: str) -> bool:
    if isinstance(value, bool):
        return False
    if wanted == _NUMBER:
        return isinstance(value, int | float) and -math.inf < value < math.inf
    if wanted == _WHOLE:
        return isinstance(value, int) and value >= 0
    if wanted == _OBJECT:
        return isinstance(value, dict)
    texts = value if wanted == _TEXTS and isinstance(value, list) else [value]
    return all(isinstance(text, str) for text in texts)
