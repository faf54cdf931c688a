"""What a value can be, as far as it is known before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.program.nodes import Batch, Extract, ForEach, Generate, Node, Retrieve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SCALARS = {
    "string": "text",
    "number": "number",
    "integer": "number",
    "object": "object",
    "boolean": "true or false",
}

# Parsers whose answer is a text whatever the model says.
_OF_TEXT = frozenset({"text", "first_line", "last_line", "after", "label", "xml"})

_MANY = {"text": "texts", "number": "numbers", "object": "objects"}


class ValueType(NamedTuple):
    """``kind`` is text, number, object, "true or false", or json: any of them, or a list.

    With ``is_list`` it is the kind of the items.
    """

    kind: str
    is_list: bool = False

    @property
    def words(self) -> str:
        """For a message."""
        if self.is_list:
            kinds = _MANY.get(self.kind, self.kind)
            return "a list" if self.kind == "json" else f"a list of {kinds}"
        return {"object": "an object", "number": "a number", "json": "any JSON"}.get(
            self.kind, self.kind
        )

    @property
    def may_be_list(self) -> bool:
        return self.is_list or self.kind == "json"

    @property
    def may_be_query(self) -> bool:
        """Whether it can be a text or a list of texts."""
        return self.kind in {"text", "json"}

    @property
    def may_be_text(self) -> bool:
        return not self.is_list and self.kind in {"text", "json"}

    @property
    def has_parts(self) -> bool:
        """Whether a JSON pointer can lead into it."""
        return self.is_list or self.kind in {"object", "json"}


JSON = ValueType("json")
TEXT = ValueType("text")


def of_schema(schema: object) -> ValueType:
    """The type of the values that a JSON Schema describes; json where it does not say."""
    if not isinstance(schema, dict):
        return JSON
    kind = schema.get("type")
    if kind == "array":
        inner = of_schema(schema.get("items"))
        return ValueType("json" if inner.is_list else inner.kind, is_list=True)
    return ValueType(_SCALARS.get(kind, "json")) if isinstance(kind, str) else JSON


def of_contract(contract: Mapping[str, Any]) -> ValueType:
    """The type of an answer by its output contract."""
    kind = contract["type"]
    if kind == "json":
        return of_schema(contract.get("schema"))
    return ValueType("number") if kind == "number" else TEXT


def is_read_as_text(node: Node) -> bool:
    """Whether a node whose contract or kind promises a text surely gives one.

    Its own parser may make something else of the answer.
    """
    return not isinstance(node, Generate) or (
        node.output["type"] in {"text", "label"} and node.parser["kind"] in _OF_TEXT
    )


def of_node(node: Node, read: Sequence[ValueType]) -> ValueType:
    """The type of a node's value; ``read`` are those of its `links`."""
    if isinstance(node, Generate):
        return of_contract(node.output)
    if isinstance(node, ForEach | Batch):
        answer = of_contract(node.output)
        return ValueType("json" if answer.is_list else answer.kind, is_list=True)
    if isinstance(node, Retrieve):
        return ValueType("object", is_list=True)
    if isinstance(node, Extract):
        if node.by != "json":
            return ValueType("text", is_list=node.every)
        return ValueType("json", is_list=node.every)
    kinds = {each.kind for each in read}
    return ValueType(kinds.pop() if len(kinds) == 1 else "json", is_list=True)
