"""What cases' labels say of a right answer: the answer as an assistant writes it, or in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.slots.formats import answer_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.metrics.base import Labels
    from landrace.schemas.case import Case
    from landrace.schemas.output import OutputContract


def right_text(labels: Labels, case: Case, contract: OutputContract) -> str | None:
    """A right answer to the case as an assistant would write it; None where none is known."""
    answer = labels.right_answer(case.expected)
    return None if answer is None else answer_text(answer, contract)


def wanted_text(labels: Labels, case: Case, contract: OutputContract) -> str:
    """What a proposer is told of the right answer: itself, or what one has to be.

    Empty where the case has no label.
    """
    if case.expected is None:
        return ""
    right = right_text(labels, case, contract)
    return labels.wanted(case.expected) if right is None else right


def answered_cases(labels: Labels, cases: Sequence[Case]) -> list[Case]:
    """Those of which a right answer is known, each with that as what it expects."""
    found = [(case, labels.right_answer(case.expected)) for case in cases]
    return [
        case if answer is case.expected else case.model_copy(update={"expected": answer})
        for case, answer in found
        if answer is not None
    ]
