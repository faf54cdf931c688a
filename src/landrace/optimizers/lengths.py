"""How much a proposer may write: the longer the prompt, the longer what may replace it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landrace.errors import TemplateError
from landrace.optimizers.operators.tuning import Tuning
from landrace.optimizers.operators.view import view_of
from landrace.schemas.candidate import Candidate

if TYPE_CHECKING:
    from landrace.optimizers.variants import NodeBase, Program

USUAL_WORDS = 200
"""Up to so many words of an instruction a question's own limit suffices."""


def longest_instruction(program: Program, incumbent: Candidate | None) -> int:
    """The words of the longest instruction of any node, in the base or in what is served."""
    written = (Candidate(), *((incumbent,) if incumbent else ()))
    texts = [_instruction(node, each) for node in program.nodes.values() for each in written]
    return max((len(text.split()) for text in texts), default=0)


def answer_limit(tokens: int, words: int) -> int:
    """The tokens of an answer to a question that allows so many, where instructions are long."""
    return math.ceil(tokens * max(1.0, words / USUAL_WORDS))


def _instruction(node: NodeBase, candidate: Candidate) -> str:
    try:
        return view_of(node, candidate, Tuning()).instruction()
    except TemplateError:  # what is served may be of another time
        return ""
