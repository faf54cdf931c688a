"""Decoding parameters of the embedded model: litellm's words in, llama.cpp's words out."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, SchemaError

from landrace.errors import ModelError, ParameterError
from landrace.gateway.metered import DEFAULT_MAX_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landrace.gateway.base import Request

# llama.cpp's own defaults where somebody samples, written out so that a new release of it
# changes no result.
_DEFAULTS: dict[str, Any] = {
    "temperature": 0.0,
    "max_tokens": DEFAULT_MAX_TOKENS,
    "top_k": 40,
    "top_p": 0.95,
    "min_p": 0.05,
    "seed": 0,
}

_SEEDS = 2**32 - 1  # llama.cpp reads the last 32-bit number as "draw a seed".


def _number(low: float, high: float) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, int | float) and not isinstance(v, bool) and low <= v <= high


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high


def _texts(value: Any) -> bool:
    items = [value] if isinstance(value, str) else value
    return isinstance(items, list | tuple) and all(isinstance(item, str) and item for item in items)


# Parameter -> what it must be, in words and as a test.
_RULES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "temperature": ("a number from 0 to 2", _number(0, 2)),
    "max_tokens": ("a whole number from 1 to 32768", _whole(1, 32768)),
    "top_k": ("a whole number from 0 to 1000", _whole(0, 1000)),
    "top_p": ("a number from 0 to 1", _number(0, 1)),
    "min_p": ("a number from 0 to 1", _number(0, 1)),
    "presence_penalty": ("a number from -2 to 2", _number(-2, 2)),
    "frequency_penalty": ("a number from -2 to 2", _number(-2, 2)),
    "seed": ("a whole number from 0 to 4294967294", _whole(0, _SEEDS - 1)),
    "stop": ("a text or a list of texts", _texts),
    "response_format": ("a mapping with a `type`", lambda v: isinstance(v, dict) and "type" in v),
}


def check_params(params: Mapping[str, Any], where: str) -> None:
    """Check decoding parameters for an embedded model.

    Raises:
        ParameterError: one is unknown, or has a value that it cannot have.
    """
    for name, value in params.items():
        if name not in _RULES:
            near = difflib.get_close_matches(name, _RULES, n=1, cutoff=0.5)
            fix = f"Did you mean `{near[0]}`?" if near else f"Known: {', '.join(_RULES)}."
            raise ParameterError(
                f"unknown parameter `{name}` of an embedded model", where=where, fix=fix
            )
        wanted, fits = _RULES[name]
        if not fits(value):
            raise ParameterError(
                f"`{name}` is {value!r}", where=where, fix=f"Give {wanted} instead."
            )


def completion_options(request: Request) -> dict[str, Any]:
    """What llama.cpp's completion call needs besides the prompt.

    A repeat shifts the seed, so that several draws of one question differ, and each comes
    out the same again.

    Raises:
        ModelError: an unknown parameter, or a bad value.
    """
    check_params(request.params, request.model)
    options = _DEFAULTS | dict(request.params)
    options["n_predict"] = options.pop("max_tokens")
    options["seed"] = (options["seed"] + request.repeat) % _SEEDS
    stop = options.pop("stop", [])
    options["stop"] = [stop] if isinstance(stop, str) else list(stop)
    if schema := _json_schema(options.pop("response_format", None), request.model):
        options["json_schema"] = schema
    return options


def _json_schema(response_format: Mapping[str, Any] | None, where: str) -> dict[str, Any] | None:
    kind = (response_format or {"type": "text"})["type"]
    if kind == "text":
        return None
    if kind == "json_object":
        return {"type": "object"}
    schema = (response_format or {}).get("json_schema")
    if kind == "json_schema" and isinstance(schema, dict):
        inner = schema.get("schema", schema)
        if isinstance(inner, dict):
            _check_schema(inner, where)
            return inner
    raise ModelError(
        "`response_format` cannot be read",
        where=where,
        fix="Give {type: json_object}, or {type: json_schema, json_schema: {schema: ...}}.",
    )


def _check_schema(schema: dict[str, Any], where: str) -> None:
    """llama.cpp silently ignores a schema that it cannot read, hence this check."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ModelError(
            f"`response_format` holds no valid JSON Schema: {error.message}",
            where=where,
            fix=f"Mend it at {error.json_path}.",
        ) from error
