"""What is wrong with an instruction, and an instruction that mends it.

The textual gradient of ProTeGi (Pryzant et al. 2023, arXiv 2305.03495, §3.1) and the step that
follows it. PromptWizard criticises and synthesises by the same two questions, GPO's reflection is
the first of them. The second shows the mistakes again: a critique alone says less than what it was
made from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.telling import answer_rule, clip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.operators.base import Context


def criticised(
    context: Context, instruction: str, wrong: Sequence[dict[str, str]], *, temperature: float
) -> str | None:
    """A flaw that explains mistakes which an instruction led to; None if the proposer sees none.

    ``wrong`` are `mistakes`.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    answer = context.study.ask(
        "critique",
        description=context.study.setting.description,
        instruction=instruction,
        mistakes=wrong,
        temperature=temperature,
    )
    return clip(answer.strip()) if answer and answer.strip() else None


def amended(
    context: Context,
    instruction: str,
    wrong: Sequence[dict[str, str]],
    flaw: str,
    *,
    temperature: float,
) -> str | None:
    """The proposer's answer to a flaw that the mistakes show; it has still to be read.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    return context.study.ask(
        "amend",
        instruction=instruction,
        mistakes=wrong,
        flaw=flaw,
        rule=answer_rule(context.view),
        temperature=temperature,
    )
