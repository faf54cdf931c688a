"""Which parts of its names a template surely wants, as far as that can be seen without values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jinja2 import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator


class PartRead(NamedTuple):
    """``what`` is the lookup as it is written; it fails where ``name`` is no object."""

    name: str
    what: str
    line: int


def part_reads(tree: nodes.Template) -> Iterator[PartRead]:
    """Every `name.part` and `name["part"]`, but of names that the template sets or asks about."""
    spared = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}
    for asked in _asking(tree):
        spared.update(name.name for name in asked.find_all(nodes.Name))
    for node in _lookups(tree):
        value, part = node.node, _part(node)
        if isinstance(value, nodes.Name) and part and value.name not in spared:
            yield PartRead(value.name, f"{value.name}{part}", node.lineno)


def _lookups(tree: nodes.Template) -> Iterator[nodes.Getattr | nodes.Getitem]:
    yield from tree.find_all(nodes.Getattr)
    yield from tree.find_all(nodes.Getitem)


def _asking(tree: nodes.Template) -> Iterator[nodes.Node]:
    """What tells a template beforehand whether something is there, or helps it out."""
    yield from tree.find_all(nodes.Test)
    for node in tree.find_all(nodes.Filter):
        if node.name in {"default", "d"}:
            yield node


def _part(node: nodes.Getattr | nodes.Getitem) -> str:
    if isinstance(node, nodes.Getattr):
        return f".{node.attr}"
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        return f"[{node.arg.value!r}]"
    return ""
