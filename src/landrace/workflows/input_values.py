"""Text that stands for an input's value, as a command line and a table give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import InputTypeError, LandraceError
from landrace.strict_json import parse

if TYPE_CHECKING:
    from collections.abc import Mapping


def input_value(text: str, schema: Mapping[str, Any], name: str) -> Any:
    """The value of input ``name`` that a text stands for.

    A text is itself where the inputs' JSON Schema takes text, and is read as JSON elsewhere.

    Raises:
        InputTypeError: the schema takes no text, and this is no JSON.
    """
    types = _types(schema.get("properties", {}).get(name))
    if not types or "string" in types:
        return text
    try:
        return parse(text, name)
    except LandraceError:
        raise InputTypeError(
            f"input `{name}` is {text!r}, and must be of type {' or '.join(types)}"
        ) from None


def _types(property_schema: Any) -> list[str]:
    found = property_schema.get("type", []) if isinstance(property_schema, dict) else []
    return [found] if isinstance(found, str) else list(found)
