"""How much a proposer may write: the longer the prompt, the longer what may replace it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landrace.errors import TemplateError
from landrace.optimizers.slots.structure import static_text
from landrace.template import parse, split_instruction

if TYPE_CHECKING:
    from landrace.optimizers.variants import NodeBase, Program
    from landrace.schemas.candidate import Candidate

USUAL_WORDS = 200
"""Up to so many words of an instruction a question's own limit suffices."""


def longest_instruction(program: Program, incumbent: Candidate | None) -> int:
    """The words of the longest instruction of any node, in the base or in what is served."""
    texts = [
        _instruction(node, source, text)
        for name, node in program.nodes.items()
        for source, text in _written(node, name, incumbent)
    ]
    return max((len(text.split()) for text in texts), default=0)


def answer_limit(tokens: int, words: int) -> int:
    """The tokens of an answer to a question that allows so many, where instructions are long."""
    return math.ceil(tokens * max(1.0, words / USUAL_WORDS))


def _written(
    node: NodeBase, name: str, incumbent: Candidate | None
) -> list[tuple[str, str | None]]:
    base: tuple[str, str | None] = (node.source, None)
    if incumbent is None:
        return [base]
    slots = incumbent.slots(name)
    return [base, (node.source if slots.source is None else slots.source, slots.instruction)]


def _instruction(node: NodeBase, source: str, text: str | None) -> str:
    if text is not None:
        return text
    try:
        parts = split_instruction(parse(source, name=node.path))
    except TemplateError:  # what is served may be of another time
        return ""
    return (static_text(parts.instruction) or "") if parts else ""
