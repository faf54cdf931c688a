"""The nodes that need no model: retrieve, union, extract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from landrace.digest import canonical_json
from landrace.parsers import ParseFailure
from landrace.program.extract import extract
from landrace.program.nodes import Extract, Retrieve, Union
from landrace.strict_json import kind

# The items for some queries, best first; the run's inputs are those that no case may share.
Search: TypeAlias = Callable[[Sequence[str], Mapping[str, Any]], list[Any]]


def compute(
    node: Retrieve | Union | Extract,
    read: Mapping[str, Any],
    search: Search | None,
    inputs: Mapping[str, Any],
) -> Any:
    """The value of a node, never None; ``read`` are the values of its `links`.

    Raises:
        ParseFailure: the values do not give one.
    """
    if isinstance(node, Extract):
        return extract(node, read[node.source])
    if isinstance(node, Union):
        return union([read[name] for name in node.of])
    assert search is not None  # a Program refuses to be made without
    return search(_queries(node.query, read[node.query]), inputs)


def union(values: Sequence[Any]) -> list[Any]:
    """Lists and single values one after the other; of equal JSON values the first stays."""
    found: dict[bytes, Any] = {}
    for value in values:
        for item in value if isinstance(value, list) else [value]:
            found.setdefault(canonical_json(item), item)
    return list(found.values())


def _queries(name: str, value: Any) -> list[str]:
    queries = value if isinstance(value, list) else [value]
    for query in queries:
        if not isinstance(query, str):
            raise ParseFailure(f"`{name}` holds {kind(query)}, and a query is text")
    return queries
