"""The values of a template: JSON, and nothing that has methods of its own to call."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from landrace.errors import InputTypeError
from landrace.template.state import MAX_DEPTH, ExceededError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.template.state import State

MAX_INPUT_DEPTH = 32
MAX_INPUT_ITEMS = 100_000
MAX_INT_BITS = 1024


def checked_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as exact JSON types, in a dict of their own.

    Subclasses of ``str``, ``int`` and ``float`` (an enum's member, a NumPy float) become their
    plain values. Lists and dicts are copied.

    Raises:
        InputTypeError: a value is not JSON, or is nested or branched without bound.
    """
    scope = dict(inputs)
    for name, value in scope.items():
        if type(value) is not str or type(name) is not str:
            scope[name] = _Copier(name).copy(value)
    return scope


def check_number(value: float) -> None:
    """Refuse what JSON cannot hold, and integers that only grow to waste memory."""
    if isinstance(value, int):
        if value.bit_length() > MAX_INT_BITS:
            raise ExceededError(f"a number is longer than {MAX_INT_BITS} bits")
    elif not isfinite(value):
        raise ExceededError("a number is not finite")


def show(state: State, value: Any, indent: int | None = None) -> str:
    """How a value prints: text as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    state.weigh(value, 1 + (indent or 0) * MAX_DEPTH)
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)


class _Copier:
    """Copies one input, counting its values."""

    def __init__(self, name: object) -> None:
        self._where = f"input {name}"
        self._items = 0
        self._check_key(name)

    def copy(self, value: Any, depth: int = 0) -> Any:
        self._items += 1
        if depth > MAX_INPUT_DEPTH:
            raise self._error(f"a value is nested deeper than {MAX_INPUT_DEPTH}")
        if self._items > MAX_INPUT_ITEMS:
            raise self._error(f"a value holds more than {MAX_INPUT_ITEMS:,} others")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, (int, float)):
            return self._number(value)
        if isinstance(value, list):
            return [self.copy(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {self._check_key(key): self.copy(item, depth + 1) for key, item in value.items()}
        raise self._error(f"a value is a {type(value).__name__}")

    def _number(self, value: float) -> float:
        plain = int.__int__(value) if isinstance(value, int) else float.__float__(value)
        try:
            check_number(plain)
        except ExceededError as error:
            raise self._error(str(error)) from None
        return plain

    def _check_key(self, key: object) -> str:
        if not isinstance(key, str):
            raise self._error(f"a key is a {type(key).__name__}")
        return str.__str__(key)

    def _error(self, problem: str) -> InputTypeError:
        return InputTypeError(
            problem,
            where=self._where,
            fix="Pass only JSON: str, int, float, bool, None, and lists and dicts of them.",
        )
