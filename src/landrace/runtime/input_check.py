"""Checks a prompt's inputs against the JSON Schema in its pin, before anything is rendered.

Of JSON Schema this reads what a call can get wrong at its top level: ``properties`` with their
``type``, ``enum`` and ``default``, ``required`` and ``additionalProperties``. An extra input is
refused unless ``additionalProperties`` is true, because it is nearly always a slip of the pen.
An optional input that is left out is its ``default``, or null. The renderer itself refuses
values that are not JSON, however deep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import (
    ExtraInputError,
    FormatError,
    InputTypeError,
    MissingInputError,
)
from landrace.strict_json import At, a_list, an_object, fresh, kind, near_fix, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class _Input(NamedTuple):
    """One property: its types in JSON Schema's words, none for any, and its choices."""

    types: tuple[str, ...]
    choices: tuple[object, ...] | None
    required: bool
    default: object


class InputCheck:
    """The check of one prompt's inputs.

    Args:
        schema: the JSON Schema of the inputs, an object.
        prompt: the name for messages.
        where: the file that holds the schema.

    Raises:
        FormatError: the schema itself is wrong.
    """

    __slots__ = ("_all_plain", "_extras", "_inputs", "_prompt")

    def __init__(self, schema: Mapping[str, Any], *, prompt: str, where: str) -> None:
        at = At(where, "inputs")
        self._prompt = prompt
        self._extras = schema.get("additionalProperties") is True
        self._inputs = _read_inputs(schema, at)
        plain = all(
            item.required and item.types == ("string",) and item.choices is None
            for item in self._inputs.values()
        )
        self._all_plain = self._inputs.keys() if plain else None

    def __call__(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The inputs, complete with the defaults of those left out.

        Raises:
            MissingInputError: a required input is not there.
            ExtraInputError: an input is not in the schema.
            InputTypeError: a value has another type or is none of the choices.
        """
        # Most prompts take required strings only, and this runs on every request.
        if inputs.keys() == self._all_plain:
            for value in inputs.values():
                if type(value) is not str:
                    break
            else:
                return inputs
        return self._check(inputs)

    def _check(self, inputs: dict[str, Any]) -> dict[str, Any]:
        missing = [
            name for name, item in self._inputs.items() if item.required and name not in inputs
        ]
        if missing:
            raise MissingInputError(
                f"missing input {_listed(missing)}",
                where=self._prompt,
                fix=f"the inputs are {_listed(self._inputs)}",
            )
        for name, value in inputs.items():
            self._check_one(name, value)
        left_out = {
            name: fresh(item.default) for name, item in self._inputs.items() if name not in inputs
        }
        return {**inputs, **left_out}

    def _check_one(self, name: str, value: object) -> None:
        item = self._inputs.get(name)
        if item is None and not self._extras:
            raise ExtraInputError(
                f"there is no input `{name}`",
                where=self._prompt,
                fix=near_fix(name, self._inputs) or f"the inputs are {_listed(self._inputs)}",
            )
        types = item.types if item else ()
        if types and not any(_TYPES[type_](value) for type_ in types):
            raise InputTypeError(
                f"input `{name}` is {kind(value)}, not of type {' or '.join(types)}",
                where=self._prompt,
            )
        if item and item.choices is not None and not _among(value, item.choices):
            raise InputTypeError(
                f"input `{name}` is none of {_listed(item.choices)}", where=self._prompt
            )


def _read_inputs(schema: Mapping[str, Any], at: At) -> dict[str, _Input]:
    properties = an_object(schema.get("properties", {}), at.key("properties"))
    required = a_list(schema.get("required", []), at.key("required"))
    for name in required:
        if text(name, at.key("required")) not in properties:
            raise at.key("required").error(f"names `{name}`, which is no property")
    return {
        name: _read_input(item, at.key("properties").key(name), required=name in required)
        for name, item in properties.items()
    }


def _read_input(value: object, at: At, *, required: bool) -> _Input:
    # In JSON Schema `true` stands for "anything".
    schema = {} if value is True else an_object(value, at)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else a_list(types, at.key("type"))
    for type_ in types:
        if text(type_, at.key("type")) not in _TYPES:
            raise _unknown_type(type_, at.key("type"))
    choices = tuple(a_list(schema["enum"], at.key("enum"))) if "enum" in schema else None
    return _Input(tuple(types), choices, required, schema.get("default"))


def _unknown_type(type_: object, at: At) -> FormatError:
    return at.error(f"is {type_!r}, not one of {_listed(_TYPES)}")


def _is_integer(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list | tuple),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def _among(value: object, choices: tuple[object, ...]) -> bool:
    """Equality as in JSON, where true is not 1."""
    return any(value == choice and kind(value) == kind(choice) for choice in choices)


def _listed(names: Iterable[object]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
