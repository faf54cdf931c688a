"""What an operator sees of a candidate: one node's template, and the texts in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import LandraceError
from landrace.optimizers.slots.formats import FORMATS
from landrace.optimizers.slots.pieces import first_message, names_read, parts_of
from landrace.optimizers.slots.selectors import Slot, chosen
from landrace.optimizers.slots.structure import Dress, dress, static_text, undress
from landrace.template import (
    literal,
    parse,
    replace_section,
    sections,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.optimizers.operators.tuning import Tuning
    from landrace.optimizers.variants import NodeBase
    from landrace.schemas.candidate import Candidate, Layout, Slots
    from landrace.template import Parts, Template

TASK = "task"  # what an instruction without sections is called


class Passage(NamedTuple):
    """A text that may be edited: a section, or (``is_whole``) all of the instruction.

    ``text`` is what a model reads, without the heading or tags that set it off.
    """

    name: str
    text: str
    how: Dress
    is_whole: bool


class View(NamedTuple):
    """A node of a candidate. ``template`` is its template before instruction, layout and demos
    are put in; ``passages`` are the texts that the tuning's targets allow to edit.
    """

    node: NodeBase
    slots: Slots
    settings: Mapping[str, Mapping[str, Any]]
    tuning: Tuning
    template: Template
    passages: tuple[Passage, ...]

    @property
    def parts(self) -> Parts | None:
        return parts_of(self.template)

    @property
    def layout(self) -> Layout:
        """Where an instruction would stand: where it does, or in the template's first message."""
        if self.slots.layout != "base":
            return self.slots.layout
        has_system = any(block.kind == "system" for block in self.template.blocks)
        return "system" if has_system else "user"

    def allows(self, kind: str, name: str = "") -> bool:
        """Whether the tuning's targets include a slot of this node."""
        return chosen(Slot(self.node.name, kind, name), self.tuning.targets)

    def instruction(self) -> str:
        """The whole instruction as a model reads it; empty where there is none."""
        if self.slots.instruction is not None:
            return self.slots.instruction
        parts = self.parts
        return (static_text(parts.instruction) or "") if parts else ""

    def inputs(self) -> list[str]:
        """What the input part reads, in the order in which it names it.

        By whole words: the one name may begin another.
        """
        parts = self.parts
        assert parts is not None
        read = names_read(parts.input)
        words = re.findall(r"\w+", parts.input)
        return sorted(read, key=words.index)

    def user_turn(self, inputs: Mapping[str, Any]) -> str:
        """The input part as a model reads it for these inputs.

        Raises:
            RenderError: it reads something that these inputs lack.
        """
        parts = self.parts
        assert parts is not None
        return first_message(parts.input, inputs, self.node.path)

    def told(self, inputs: Mapping[str, Any]) -> str | None:
        """The `user_turn`; None where there is none, or these inputs lack what it reads."""
        if self.parts is None:
            return None
        try:
            return self.user_turn(inputs)
        except LandraceError:
            return None


def view_of(node: NodeBase, candidate: Candidate, tuning: Tuning) -> View:
    slots = candidate.slots(node.name)
    template = parse(node.source if slots.source is None else slots.source, name=node.path)
    view = View(node, slots, candidate.settings, tuning, template, ())
    found = tuple(p for p in _passages(view) if p.text and view.allows("sections", p.name))
    return view._replace(passages=found)


def with_text(view: View, passage: Passage, text: str) -> dict[str, Any]:
    """The slots that change when a passage gets another text; it is set off as before.

    If an answer format's sentence stood in it, that stays: the format's parser does.
    """
    if passage.is_whole:
        return {"instruction": dress(TASK, text, passage.how), "layout": view.layout}
    ask = FORMATS[view.slots.format].ask
    if view.slots.layout == "base" and ask and ask in passage.text and ask not in text:
        text = f"{text}\n\n{ask}"
    body = dress(passage.name, literal(text), passage.how)
    return {"source": replace_section(view.template, passage.name, body).source}


def with_instruction(view: View, text: str) -> dict[str, Any]:
    """The slots that change when the whole instruction is replaced."""
    return {"instruction": text, "layout": view.layout}


def _passages(view: View) -> list[Passage]:
    if view.slots.instruction is None:
        found = []
        for name, section in sections(view.template).items():
            how, source = undress(name, section.body)
            text = static_text(source)
            if text is not None:
                found.append(Passage(name, text, how, is_whole=False))
        if found:
            return found
    if view.parts is None:
        return []
    how, text = undress(TASK, view.instruction())
    return [Passage(TASK, text, how, is_whole=True)]
