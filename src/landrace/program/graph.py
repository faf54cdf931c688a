"""A prompt program as data: its nodes, and their one JSON form, which pins carry.

``{"nodes": {NAME: {KIND: {…}}, …}, "output": NAME}``, with every field of every node written
out, so that another default in a later version changes no pinned program. Whether the nodes fit
together is the business of `landrace.program.check`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import ConfigError
from landrace.program.node_json import node_from_json, node_to_json
from landrace.program.nodes import (
    MAIN,
    MAIN_TEMPLATE,
    Asking,
    Batch,
    ForEach,
    Generate,
    Node,
    Retrieve,
    Union,
)
from landrace.program.rules import MAX_NODES, check_node_name
from landrace.strict_json import At, an_object, name, near_fix, record_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Graph(NamedTuple):
    """The nodes by name, and the name of the one whose value is the answer."""

    nodes: dict[str, Node]
    output: str

    @classmethod
    def plain(
        cls,
        contract: Mapping[str, Any],
        parser: Mapping[str, Any],
        params: Mapping[str, Any] | None = None,
        template: str = MAIN_TEMPLATE,
    ) -> Graph:
        """The graph of a prompt without one: a single generate node called ``prompt``."""
        node = Generate(template, dict(contract), dict(params or {}), dict(parser))
        return cls({MAIN: node}, MAIN)

    @classmethod
    def from_dict(cls, value: object, where: str = "program") -> Graph:
        """The graph in a JSON value; ``where`` names its source in errors.

        Raises:
            FormatError: a key is unknown or missing, or a value does not fit.
        """
        return graph_from(value, At(where))

    def to_dict(self) -> dict[str, Any]:
        """The JSON value, in containers of its own; `from_dict` gives the same graph back."""
        nodes = {name: node_to_json(node) for name, node in self.nodes.items()}
        return {"nodes": nodes, "output": self.output}

    def asking(self) -> dict[str, Asking]:
        """The nodes that call the model, in the order of the graph."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, Asking)}

    def corpora(self) -> tuple[str, ...]:
        """What the retrieve nodes search: files of the prompt's folder, and ``cases``; sorted."""
        found = {node.corpus for node in self.nodes.values() if isinstance(node, Retrieve)}
        return tuple(sorted(found))

    def changed(self, settings: Mapping[str, Mapping[str, Any]], where: str = "settings") -> Graph:
        """The graph with other values in some fields: ``{"passages": {"count": 3}}``.

        Fields are called as in the JSON form.

        Raises:
            ConfigError: there is no such node.
            FormatError: there is no such field, or the value does not fit it.
        """
        if not settings:
            return self
        value = self.to_dict()
        for node, fields in settings.items():
            if node not in value["nodes"]:
                raise ConfigError(
                    f"there is no node `{node}`", where=where, fix=near_fix(node, value["nodes"])
                )
            (body,) = value["nodes"][node].values()
            body.update(fields)
        return Graph.from_dict(value, where)


def graph_from(value: object, at: At) -> Graph:
    """The check of a graph inside another JSON value. Raises like `Graph.from_dict`."""
    return _graph(value, at)


def most_calls(graph: Graph) -> int:
    """The most calls that one run of a checked graph can make.

    A list that a node reads counts with the most items it can have, where that is known.
    """
    total = 0
    for node in graph.asking().values():
        if isinstance(node, Generate):
            total += 1
            continue
        longest = _most_items(graph, node.over)
        items = node.most if longest is None else min(node.most, longest)
        total += items if isinstance(node, ForEach) else -(-items // node.size)
    return total


def _most_items(graph: Graph, name: str) -> int | None:
    """The most items that a name's value can have as a list, or None where nothing bounds it."""
    node = graph.nodes.get(name)
    if isinstance(node, Retrieve):
        return node.limit
    if isinstance(node, ForEach | Batch):
        longest = _most_items(graph, node.over)
        return node.most if longest is None else min(node.most, longest)
    if isinstance(node, Union):
        total = 0
        for part in node.of:
            longest = _most_items(graph, part)
            if longest is None:
                return None
            total += longest
        return total
    return None


def _nodes(value: object, at: At) -> dict[str, Node]:
    members = an_object(value, at)
    if not members:
        raise at.error("is empty", "give the program a node")
    if len(members) > MAX_NODES:
        raise at.error(f"has {len(members)} nodes, more than {MAX_NODES}")
    spellings: dict[str, str] = {}
    for each in members:
        check_node_name(each, at.key(each))
        other = spellings.setdefault(each.lower(), each)
        if other != each:
            raise at.key(each).error(
                f"differs from `{other}` in upper and lower case alone",
                "give one of them another name: variants are files",
            )
    return {each: node_from_json(node, at.key(each)) for each, node in members.items()}


_graph = record_of(Graph, nodes=_nodes, output=name)
