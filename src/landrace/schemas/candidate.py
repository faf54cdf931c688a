"""A candidate: immutable slot values for one program."""

from __future__ import annotations

from typing import Any, Literal, Self, TypeAlias

from pydantic import Field

from landrace.digest import json_digest
from landrace.key_order import program_in_order, values_in_order
from landrace.schemas.base import Strict

Layout: TypeAlias = Literal["base", "system", "user"]
Orientation: TypeAlias = Literal["turns", "item", "kind"]

# The name of the one node of a prompt that has no graph.
MAIN = "prompt"


class Demo(Strict):
    """A worked example: the user's turn as it will be read, and the answer to it."""

    case_id: str
    user: str
    assistant: str
    bootstrapped: bool = False  # the model's own correct output, not the label


class Slots(Strict):
    """What one `generate` node says and how; empty slots leave it as the base has it.

    ``source`` is another template for the node (an incumbent, a section moved or dropped); the
    other slots work on it. ``instruction`` replaces the text of its sections, as plain text;
    ``layout`` says where the instruction stands ("base": the template as it is, and then
    instruction and demos must be empty); ``format`` names an answer format of
    `landrace.optimizers.slots.formats`, ``parser`` overrides what reads the answer; ``demos``
    stand before the input: as chat turns, or in its text by ``item``, each input with its answer,
    or by ``kind``, all inputs before all answers; ``params`` are decoding parameters over the
    model's own.
    """

    source: str | None = None
    instruction: str | None = None
    layout: Layout = "base"
    format: str = "base"
    demos: tuple[Demo, ...] = ()
    orientation: Orientation = "turns"
    parser: dict[str, Any] | None = None
    params: dict[str, Any] = Field(default_factory=dict)


_BASE = Slots()


class Candidate(Strict):
    """Slot values over a program; an empty candidate is the base itself.

    ``nodes`` has the slots of those `generate` nodes that differ from the base, ``settings``
    the fields of other nodes that do (``{"passages": {"count": 3}}``). ``graph`` is another
    graph in its JSON form, with a ``source`` for each node that the base lacks. ``operator`` and
    ``parents`` (variant digests) say how the candidate was made.
    """

    nodes: dict[str, Slots] = Field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    graph: dict[str, Any] | None = None
    operator: str = "base"
    parents: tuple[str, ...] = Field(default=())

    @classmethod
    def plain(cls, *, operator: str, parents: tuple[str, ...] = (), **slots: Any) -> Self:
        """A candidate for a prompt without a graph, by the slots of its one node."""
        return cls(nodes={MAIN: Slots(**slots)}, operator=operator, parents=parents)

    def slots(self, node: str = MAIN) -> Slots:
        """The slots of a node; empty ones where it is as in the base."""
        return self.nodes.get(node, _BASE)

    def changed(
        self, operator: str, *, node: str = MAIN, parent: str | None = None, **slots: Any
    ) -> Self:
        """A child with other values in some slots of a node; ``parent`` is a variant's digest."""
        values = {**dict(self.slots(node)), **slots}
        return self.model_copy(
            update={
                "nodes": {**self.nodes, node: Slots(**values)},
                "operator": operator,
                "parents": () if parent is None else (parent,),
            }
        )

    @property
    def shown(self) -> frozenset[str]:
        """The ids of the cases that are examples in some node."""
        return frozenset(d.case_id for slots in self.nodes.values() for d in slots.demos)

    @property
    def digest(self) -> str:
        """Of the slots alone: how a candidate was made does not change what it is."""
        content = self.model_dump(exclude={"operator", "parents"})
        for slots in content["nodes"].values():
            slots["params"] = values_in_order(slots["params"])
        if self.graph is not None:
            content["graph"] = program_in_order(self.graph)
        return json_digest(content)[:16]
