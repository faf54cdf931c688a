"""Text that stands for an input's value, as a command line and a table give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import InputError, InputTypeError, LandraceError
from landrace.store.inputs import CaseInputs
from landrace.strict_json import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def reader(schema: Mapping[str, Any], name: str) -> Callable[[str], Any]:
    """What reads the texts that stand for values of input ``name``.

    A text is itself where the inputs' JSON Schema takes text, and is read as JSON elsewhere. What
    a schema without a type takes is tried: the text first, then the JSON. The reader raises
    InputTypeError where types are named, none of them text, and the text is no JSON.
    """
    property_ = schema.get("properties", {}).get(name)
    types = _types(property_)
    if not isinstance(property_, dict) or "string" in types:
        return str
    if types:
        return lambda text: _json(text, name, types)
    accepts = _check(schema, name)
    return lambda text: text if accepts(text) else _json_or_text(text, name)


def _types(property_: Any) -> list[str]:
    found = property_.get("type", []) if isinstance(property_, dict) else []
    return [found] if isinstance(found, str) else list(found)


def _json(text: str, name: str, types: list[str]) -> Any:
    try:
        return parse(text, name)
    except LandraceError:
        raise InputTypeError(
            f"input `{name}` is {text!r}, and must be of type {' or '.join(types)}"
        ) from None


def _json_or_text(text: str, name: str) -> Any:
    """What neither fits is the text, of which the check of the inputs will tell."""
    try:
        return parse(text, name)
    except LandraceError:
        return text


def _check(schema: Mapping[str, Any], name: str) -> Callable[[str], bool]:
    # Only what the input itself may need: rules across inputs are for the whole.
    alone = {key: schema[key] for key in ("$schema", "definitions", "$defs") if key in schema}
    alone |= {"type": "object", "properties": {name: schema["properties"][name]}}
    check = CaseInputs(alone, prompt=name, where="inputs")

    def accepts(text: str) -> bool:
        try:
            check({name: text})
        except InputError:
            return False
        return True

    return accepts
