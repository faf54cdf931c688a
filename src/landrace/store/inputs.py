"""Checking the inputs of cases against a prompt's JSON Schema of them.

`landrace.runtime.input_check` does what it does for an application's calls: presence, types,
choices, defaults. What it does not read of JSON Schema, such as ``pattern`` or ``items``, is
checked by jsonschema, and only where a schema has it: that is fifty times slower.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import FormatError, InputTypeError
from landrace.runtime.input_check import InputCheck
from landrace.store.validate import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# What InputCheck reads, or what says nothing about a value.
_READ_AT_TOP = frozenset(
    {"type", "properties", "required", "additionalProperties", "title", "description", "$schema"}
)
_READ_OF_INPUT = frozenset({"type", "enum", "default", "title", "description", "examples"})

_MAX_MESSAGE = 200


class CaseInputs:
    """The check of one prompt's case inputs.

    Args:
        schema: the JSON Schema of the inputs, draft-07.
        prompt: the name for messages.
        where: the place of the schema.

    Raises:
        FormatError: the schema itself is wrong.
    """

    def __init__(self, schema: Mapping[str, Any], *, prompt: str, where: str) -> None:
        self._check = InputCheck(schema, prompt=prompt, where=where)
        self._prompt = prompt
        self._deep = None if _is_flat(schema) else _validator(schema, where)

    def __call__(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The inputs, complete with the defaults of those left out.

        Raises:
            InputError: they do not fit.
        """
        complete = self._check(inputs)
        problem = self._deep(inputs) if self._deep else None
        if problem:
            raise InputTypeError(problem, where=self._prompt)
        return complete


def _is_flat(schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties", {})
    return (
        schema.keys() <= _READ_AT_TOP
        and isinstance(schema.get("additionalProperties", False), bool)
        and all(item is True or item.keys() <= _READ_OF_INPUT for item in properties.values())
    )


def _validator(schema: Mapping[str, Any], where: str) -> Callable[[Any], str | None]:
    # 0.2 s that most prompts need not pay.
    import jsonschema  # noqa: PLC0415 - see above
    import referencing  # noqa: PLC0415 - see above

    for reference in _references(schema):
        if not reference.startswith("#"):
            raise FormatError(
                f"the schema refers to `{reference}`, which is in another place",
                where=where,
                fix="write what it refers to under `definitions`, and refer to that",
            )
    try:
        jsonschema.Draft7Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        at = dotted(("inputs", *error.absolute_path))
        raise FormatError(
            f"`{at}` is no JSON Schema: {_short(error.message)}", where=where
        ) from None
    # An empty registry, because the default one fetches references from the network.
    validator = jsonschema.Draft7Validator(schema, registry=referencing.Registry())

    def problem(inputs: Any) -> str | None:
        try:
            misfit = next(validator.iter_errors(inputs), None)
        except referencing.exceptions.Unresolvable as error:
            raise FormatError(f"the schema refers to nothing: {error}", where=where) from error
        except RecursionError as error:
            raise FormatError("the schema refers to itself for ever", where=where) from error
        except OverflowError:  # of `multipleOf` with a fraction and a whole number without bound
            return "the inputs hold too large a number"
        if misfit is None:
            return None
        return f"input `{dotted(tuple(misfit.absolute_path))}`: {_short(misfit.message)}"

    return problem


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _short(message: str) -> str:
    return message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…"
