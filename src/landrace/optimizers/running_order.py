"""In which order the nodes of a graph ask, whatever the order in which they were written. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.optimizers.slots.pieces import names_read
from landrace.program.nodes import links

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from landrace.program import Graph


def running_order(graph: Graph, sources: Mapping[str, tuple[str, str]]) -> list[str]:
    """The nodes that ask, each after those whose text it reads, and otherwise as written.

    ``sources`` has the text and the path of each node's template. What a check of the graph will
    refuse, a cycle or a template that does not compile, is passed over.
    """
    reads: dict[str, Collection[str]] = {name: links(node) for name, node in graph.nodes.items()}
    for name, (text, path) in sources.items():
        reads[name] = {*reads[name], *_names_read(text, path)}
    waiting = list(graph.asking())
    order = []
    while waiting:
        ready = (name for name in waiting if not _behind(name, reads).intersection(waiting))
        order.append(next(ready, waiting[0]))
        waiting.remove(order[-1])
    return order


def _names_read(text: str, path: str) -> Collection[str]:
    try:
        return names_read(text, path)
    except LandraceError:
        return ()


def _behind(name: str, reads: Mapping[str, Collection[str]]) -> set[str]:
    """All that a node reads, at once or through others."""
    found: set[str] = set()
    waiting = [*reads[name]]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(reads.get(each, ()))
    return found
