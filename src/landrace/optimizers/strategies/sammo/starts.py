"""What a search begins with: the prompt as it is, and versions that free it of its wording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.section_edits import doubled
from landrace.optimizers.operators.view import with_instruction
from landrace.optimizers.proposing.telling import contract_rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.sammo.options import Start
    from landrace.schemas.candidate import Candidate

GENERIC = "Read the input with care and answer it as well as you can."


def started(context: Context, start: Start) -> Iterator[Candidate]:
    """The start as a candidate; nothing where the node has no instruction that can be told apart.

    "original" is the parent itself.
    """
    view = context.view
    if start == "original":
        yield context.entry.candidate
    elif view.parts is None:
        return
    elif start == "doubled":
        yield doubled(context)
    else:
        rule = contract_rule(view.node.contract)
        text = "" if start == "empty" else f"{GENERIC} {rule}".strip()
        yield context.child(f"{start} start", **with_instruction(view, text))
