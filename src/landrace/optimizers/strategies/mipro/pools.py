"""What each node may say and show, and the candidate that a choice among these makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from landrace.schemas.candidate import Candidate, Slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.search.credit import Choice
    from landrace.optimizers.slots.bootstrap import DemoSet
    from landrace.optimizers.variants import NodeBase, Program


class Pools:
    """Instructions for each node, and demo sets; the first of either is what the base has.

    A choice has two indices for each node in the program's order: instruction, demo set. Nodes
    that cannot be taken apart stay as they are and have none.
    """

    def __init__(
        self,
        program: Program,
        demo_sets: Sequence[DemoSet] = ({},),
        layout: Literal["system", "user"] = "system",
    ) -> None:
        self.nodes: tuple[NodeBase, ...] = tuple(
            node for node in program.nodes.values() if node.parts is not None
        )
        self.demo_sets = list(demo_sets)
        self.layout = layout
        self._texts: list[list[str | None]] = [[None] for _ in self.nodes]

    @property
    def base(self) -> Choice:
        return (0, 0) * len(self.nodes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many values each index of a choice has."""
        return tuple(size for texts in self._texts for size in (len(texts), len(self.demo_sets)))

    def add(self, number: int, text: str) -> int:
        """The index of an instruction of the node with this number, new or known."""
        texts = self._texts[number]
        if text not in texts:
            texts.append(text)
        return texts.index(text)

    def text(self, number: int, index: int) -> str | None:
        """An instruction of the node with this number; None is the base's own."""
        return self._texts[number][index]

    def candidate(self, choice: Choice) -> Candidate:
        nodes: dict[str, Slots] = {}
        for number, node in enumerate(self.nodes):
            text = self.text(number, choice[2 * number])
            demos = self.demo_sets[choice[2 * number + 1]].get(node.name, ())
            if text is not None or demos:
                nodes[node.name] = Slots(layout=self.layout, instruction=text, demos=demos)
        return Candidate(nodes=nodes, operator=_operator(nodes))


def _operator(nodes: dict[str, Slots]) -> str:
    """How the candidate differs from the base, for the audit trail."""
    if not nodes:
        return "base"
    parts = []
    for name, slots in nodes.items():
        what = [] if slots.instruction is None else ["a proposed instruction"]
        if slots.demos:
            what.append(f"{len(slots.demos)} demos")
        parts.append((name, " and ".join(what)))
    if len(parts) == 1:
        return parts[0][1]
    return "; ".join(f"{name}: {what}" for name, what in parts)
