"""Whether one schema asks for more than another promises: contracts against OpenAPI documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Find = Callable[[str], Any]


@dataclass
class View:
    """One schema, its references followed and its branches joined. Empty sets mean anything."""

    types: set[str] = field(default_factory=set)
    enum: set[Any] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    properties: dict[str, Any] = field(default_factory=dict)
    items: Any = None
    most: int | None = None


def view(schema: Any, find: Find) -> View:
    """Read a JSON Schema, or one of OpenAPI 3.0.

    Args:
        schema: is read but for patterns and the like.
        find: gives the schema that a ``$ref`` names.
    """
    if "$ref" in schema:
        return view(find(schema["$ref"]), find)
    kind = schema.get("type", [])
    own = View(
        types={kind} if isinstance(kind, str) else set(kind),
        enum=set(schema.get("enum", [])) | ({schema["const"]} if "const" in schema else set()),
        required=set(schema.get("required", [])),
        properties=dict(schema.get("properties", {})),
        items=schema.get("items"),
        most=schema.get("maxLength"),
    )
    if own.enum and not own.types:
        own.types = {_type_of(value) for value in own.enum}
    for part in schema.get("allOf", []):
        _add(own, view(part, find))
    for key in ("anyOf", "oneOf"):
        _add_branches(own, [view(part, find) for part in schema.get(key, [])])
    if schema.get("nullable"):
        own.types.add("null")
    return own


def relies_on(ours: Any, theirs: Any, find_ours: Find, find_theirs: Find) -> Iterator[str]:
    """What ours relies on in an answer and theirs does not promise."""
    yield from _relies(view(ours, find_ours), view(theirs, find_theirs), find_ours, find_theirs, "")


def sends(ours: Any, theirs: Any, find_ours: Find, find_theirs: Find) -> Iterator[str]:
    """What ours may send, or leaves out, that theirs does not take."""
    yield from _sends(view(ours, find_ours), view(theirs, find_theirs), find_ours, find_theirs, "")


def _relies(
    ours: View, theirs: View, find_ours: Find, find_theirs: Find, path: str
) -> Iterator[str]:
    if ours.types and theirs.types - _widened(ours.types):
        yield f"{path or 'it'} may be {_list(theirs.types - _widened(ours.types))}"
    if ours.enum and (theirs.enum or {"anything"}) - ours.enum:
        yield f"{path} may be {_list((theirs.enum or {'anything'}) - ours.enum)}"
    for name in sorted(ours.required - theirs.required):
        yield f"{path}.{name} is not promised"
    for name, schema in ours.properties.items():
        if name not in theirs.properties:
            yield f"{path}.{name} is unknown"
            continue
        inner = view(schema, find_ours), view(theirs.properties[name], find_theirs)
        yield from _relies(*inner, find_ours, find_theirs, f"{path}.{name}")
    if ours.items and theirs.items:
        inner = view(ours.items, find_ours), view(theirs.items, find_theirs)
        yield from _relies(*inner, find_ours, find_theirs, f"{path}[]")


def _sends(
    ours: View, theirs: View, find_ours: Find, find_theirs: Find, path: str
) -> Iterator[str]:
    if theirs.types and ours.types - _widened(theirs.types):
        yield f"{path or 'it'} must not be {_list(ours.types - _widened(theirs.types))}"
    if theirs.enum and (ours.enum or {"anything"}) - theirs.enum:
        yield f"{path} must not be {_list((ours.enum or {'anything'}) - theirs.enum)}"
    if theirs.most is not None and (ours.most is None or ours.most > theirs.most):
        yield f"{path} must not be longer than {theirs.most}"
    for name in sorted(theirs.required - ours.required):
        yield f"{path}.{name} must be there"
    for name, schema in ours.properties.items():
        if name not in theirs.properties:
            yield f"{path}.{name} is unknown"
            continue
        inner = view(schema, find_ours), view(theirs.properties[name], find_theirs)
        yield from _sends(*inner, find_ours, find_theirs, f"{path}.{name}")
    if ours.items and theirs.items:
        inner = view(ours.items, find_ours), view(theirs.items, find_theirs)
        yield from _sends(*inner, find_ours, find_theirs, f"{path}[]")


def _add(own: View, part: View) -> None:
    """All of a schema's parts hold."""
    own.types |= part.types
    own.enum |= part.enum
    own.required |= part.required
    own.properties = {**part.properties, **own.properties}
    own.items = own.items or part.items
    own.most = own.most if own.most is not None else part.most


def _add_branches(own: View, branches: list[View]) -> None:
    """One of the branches holds: only what all of them require is sure."""
    if not branches:
        return
    objects = [one for one in branches if one.properties or one.required]
    own.required |= set.intersection(*(one.required for one in objects)) if objects else set()
    for one in branches:
        own.types |= one.types
        own.enum |= one.enum
        own.properties = {**one.properties, **own.properties}
        own.items = own.items or one.items


def _widened(types: set[str]) -> set[str]:
    return types | ({"integer"} if "number" in types else set())


def _type_of(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return names[type(value)]


def _list(values: set[Any]) -> str:
    return " or ".join(sorted(map(str, values)))
