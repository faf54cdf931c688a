"""Answers that must stand between tags: read strictly, and sent back once where these are missing.

Where a rewriting is bound to follow, lenient reading would make an instruction of a remark; an
exception, as TextGrad's, would end the search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.induction import instruction_in

if TYPE_CHECKING:
    from landrace.optimizers.operators.view import View
    from landrace.optimizers.study import Study

MAX_SHOWN = 4000  # characters of an answer that is sent back


def tagged(answer: str, tag: str = "instruction") -> str | None:
    """What stands between the last pair of tags; None where there is no such pair."""
    before, closed, _ = answer.rpartition(f"</{tag}>")
    _, opened, inner = before.rpartition(f"<{tag}>")
    return inner.strip() if closed and opened else None


def tagged_instruction(study: Study, view: View, answer: str | None) -> str | None:
    """The instruction between the tags of an answer; None, and logged, if there is none.

    An answer without tags is sent back once. At most one question.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    if not answer or not answer.strip():
        return None
    inner = tagged(answer)
    if inner is None:
        study.log("repair", node=view.node.name, answer=answer[:500])
        again = study.ask("retag", answer=answer[:MAX_SHOWN], temperature=0.0)
        inner = tagged(again or "")
    text = instruction_in(view, inner)
    if text is None:
        study.log("no proposal", node=view.node.name, reason="no instruction between the tags")
    return text
