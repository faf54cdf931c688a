"""Whether a graph can run, and in which order; all of it before the first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import ConfigError, TemplateError
from landrace.program.nodes import (
    Asking,
    Batch,
    Extract,
    ForEach,
    Generate,
    Node,
    Retrieve,
    Union,
    kind_of,
    links,
    own_name,
)
from landrace.program.value_types import TEXT, ValueType, is_read_as_text, of_node, of_schema
from landrace.strict_json import near_fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from landrace.program.graph import Graph
    from landrace.template import Compiled


class NodeError(ConfigError):
    """A node does not fit into its graph; ``node`` is its name."""

    def __init__(self, problem: str, node: str, where: str, fix: str | None) -> None:
        super().__init__(problem, where=where, fix=fix)
        self.node = node


class UnknownNameError(TemplateError):
    """A template reads ``name``, which nobody makes."""

    def __init__(self, problem: str, name: str, where: str, fix: str) -> None:
        super().__init__(problem, where=where, fix=fix)
        self.name = name


class Round(NamedTuple):
    """Nodes that are asked together, and then those that can be computed, in order."""

    asked: tuple[str, ...]
    computed: tuple[str, ...]


class Plan(NamedTuple):
    """How a graph runs.

    Attributes:
        order: all nodes, none before one that it reads; the same for equal graphs.
        rounds: the same in rounds, of which each waits once for the model.
        reads: by node, the names of inputs and nodes that it reads, sorted.
        types: by node, what its value is.
    """

    order: tuple[str, ...]
    rounds: tuple[Round, ...]
    reads: dict[str, tuple[str, ...]]
    types: dict[str, ValueType]


def check(
    graph: Graph,
    templates: Mapping[str, Compiled],
    inputs: Mapping[str, Any],
    where: str = "program",
) -> Plan:
    """The plan of a graph whose nodes fit together.

    Args:
        graph: the nodes.
        templates: the compiled template of each node that asks, by the node's name.
        inputs: the JSON Schema of the prompt's inputs.
        where: the file of the graph, for errors; those of a template name its own file.

    Raises:
        NodeError: a name clashes with an input, or does not exist; the nodes form a cycle; an
            edge has the wrong type; a node is read by none.
        UnknownNameError: a template reads a name that nobody makes.
        ConfigError: the output is no node.
        TemplateError: a template does not read the name that it is there for, or reads parts
            of a text.
    """
    known = inputs.get("properties", {})
    is_open = inputs.get("additionalProperties") is True
    _check_clashes(graph, known, where)
    _check_names(graph, known, where)
    reads = {}
    for name, node in graph.nodes.items():
        own = _template_reads(name, node, templates, graph, None if is_open else known)
        reads[name] = tuple(sorted({*links(node), *own}))
    edges = {
        name: tuple(each for each in read if each in graph.nodes) for name, read in reads.items()
    }
    _check_acyclic(edges, where)
    _check_all_read(graph, edges, where)
    rounds = _rounds(graph, edges)
    order = tuple(name for each in rounds for name in (*each.asked, *each.computed))
    types = _types(graph, order, known, where)
    for name in graph.asking():
        _check_part_reads(name, templates[name], graph, types)
    return Plan(order, rounds, reads, types)


def _check_clashes(graph: Graph, inputs: Mapping[str, Any], where: str) -> None:
    for name, node in graph.nodes.items():
        if name in inputs:
            raise NodeError(
                f"the node `{name}` has the name of an input",
                name,
                where,
                "give the node another name",
            )
        own = own_name(node)
        if own in inputs or own in graph.nodes:
            raise NodeError(
                f"`as` of the node `{name}` is `{own}`, "
                f"which is {'an input' if own in inputs else 'a node'} already",
                name,
                where,
                "give the items another name",
            )


def _check_names(graph: Graph, inputs: Mapping[str, Any], where: str) -> None:
    if graph.output not in graph.nodes:
        raise ConfigError(
            f"the program's output `{graph.output}` is no node",
            where=where,
            fix=near_fix(graph.output, graph.nodes) or f"the nodes are {_listed(graph.nodes)}",
        )
    known = {*graph.nodes, *inputs}
    for name, node in graph.nodes.items():
        for link in links(node):
            if link not in known:
                raise NodeError(
                    f"the node `{name}` reads `{link}`, which is neither an input nor a node",
                    name,
                    where,
                    near_fix(link, sorted(known)) or f"there are {_listed(known)}",
                )


def _template_reads(
    name: str,
    node: Node,
    templates: Mapping[str, Compiled],
    graph: Graph,
    inputs: Mapping[str, Any] | None,
) -> frozenset[str]:
    """The names that a node's template reads from outside; any is an input where None is."""
    if not isinstance(node, Asking):
        return frozenset()
    template = templates[name]
    own = own_name(node)
    if own is not None and own not in template.inputs:
        raise TemplateError(
            f"the template of the node `{name}` does not read `{own}`",
            where=template.name,
            fix="without it every call would ask the same",
        )
    read = template.inputs - {own}
    if inputs is not None:
        known = {*graph.nodes, *inputs}
        for each in sorted(read - known):
            raise UnknownNameError(
                f"the template of the node `{name}` reads `{each}`, "
                "which is neither an input nor a node",
                each,
                template.name,
                near_fix(each, sorted(known | ({own} if own else set())))
                or f"there are {_listed(known)}",
            )
    return read


def _check_acyclic(edges: Mapping[str, tuple[str, ...]], where: str) -> None:
    done: set[str] = set()
    for start in sorted(edges):
        path = [start]
        waiting = [iter(edges[start])]
        while path:
            following = next((each for each in waiting[-1] if each not in done), None)
            if following is None:
                done.add(path.pop())
                waiting.pop()
            elif following in path:
                _refuse_cycle(path[path.index(following) :], where)
            else:
                path.append(following)
                waiting.append(iter(edges[following]))


def _refuse_cycle(cycle: list[str], where: str) -> None:
    # An edge leads from a node to what it reads; people think along the data.
    along = [*reversed(cycle)]
    first = along.index(min(along))
    turned = [*along[first:], *along[:first]]
    raise NodeError(
        f"the nodes form a cycle: {' -> '.join([*turned, turned[0]])}",
        turned[0],
        where,
        "no node may read its own output, not even by way of others",
    )


def _check_all_read(graph: Graph, edges: Mapping[str, tuple[str, ...]], where: str) -> None:
    used = {graph.output}
    waiting = [graph.output]
    while waiting:
        new = [each for each in edges[waiting.pop()] if each not in used]
        used.update(new)
        waiting.extend(new)
    for name in graph.nodes:
        if name not in used:
            raise NodeError(
                f"nothing that leads to the output `{graph.output}` reads the node `{name}`",
                name,
                where,
                "remove the node, or let another read it",
            )


def _rounds(graph: Graph, edges: Mapping[str, tuple[str, ...]]) -> tuple[Round, ...]:
    """By the most calls on a path to a node; within a round by path length and name."""
    place: dict[str, tuple[int, int]] = {}

    def find(name: str) -> tuple[int, int]:
        if name not in place:
            before = [find(each) for each in edges[name]]
            asks = isinstance(graph.nodes[name], Asking)
            place[name] = (
                max((calls for calls, _ in before), default=0) + asks,
                max((steps for _, steps in before), default=0) + 1,
            )
        return place[name]

    for each in graph.nodes:
        find(each)
    order = sorted(place, key=lambda name: (*place[name], name))
    found = []
    for calls in sorted({calls for calls, _ in place.values()}):
        names = [name for name in order if place[name][0] == calls]
        asked = tuple(name for name in names if isinstance(graph.nodes[name], Asking))
        computed = tuple(name for name in names if name not in asked)
        found.append(Round(asked, computed))
    return tuple(found)


def _types(
    graph: Graph, order: Iterable[str], inputs: Mapping[str, Any], where: str
) -> dict[str, ValueType]:
    types = {name: of_schema(schema) for name, schema in inputs.items()}
    found = {}
    for name in order:
        node = graph.nodes[name]
        read = [types[link] for link in links(node)]
        for link, kind in zip(links(node), read, strict=True):
            _check_edge(name, node, link, kind, where)
        types[name] = found[name] = of_node(node, read)
    return found


def _check_edge(name: str, node: Node, link: str, kind: ValueType, where: str) -> None:
    if isinstance(node, ForEach | Batch):
        fits, wanted, fix = kind.may_be_list, "a list", "use `generate` for a single value"
    elif isinstance(node, Retrieve):
        fits, wanted = kind.may_be_query, "a text or a list of texts"
        fix = "let an `extract` or `generate` node make a text of it"
    elif isinstance(node, Extract) and node.by == "json":
        fits, wanted = kind.has_parts, "JSON with parts"
        fix = "give the node that makes it an output of type json"
    elif isinstance(node, Extract):
        fits, wanted = kind.may_be_text, "text"
        fix = "use `json` for JSON, or `for_each` for a list"
    else:
        assert isinstance(node, Union | Generate)  # they take every value
        return
    if not fits:
        raise NodeError(
            f"the node `{name}` ({kind_of(node)}) needs {wanted}, and `{link}` is {kind.words}",
            name,
            where,
            fix,
        )


def _check_part_reads(
    name: str, template: Compiled, graph: Graph, types: Mapping[str, ValueType]
) -> None:
    """Refuse what would fail in every run, and only once the nodes before it are paid."""
    for read in template.part_reads():
        if types.get(read.name) == TEXT and is_read_as_text(graph.nodes[read.name]):
            raise TemplateError(
                f"the template of the node `{name}` reads `{read.what}`, "
                f"and the value of `{read.name}` is text",
                where=f"{template.name}:{read.line}",
                fix=f"read `{read.name}` as a whole, or let that node give JSON",
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
