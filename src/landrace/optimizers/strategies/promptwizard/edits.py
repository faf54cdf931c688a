"""How an instruction is varied, refined and given a role."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from landrace.optimizers.operators.samples import mistakes
from landrace.optimizers.proposing.critique import amended, criticised
from landrace.optimizers.proposing.telling import answer_rule
from landrace.optimizers.proposing.wording import instruction_of, read_proposal, reworded_child
from landrace.optimizers.strategies.promptwizard.thinking import THINKING_STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.promptwizard.options import Options
    from landrace.optimizers.strategy import Sizes
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

TOKENS_A_VARIANT = 250
SHOWN_MISTAKES = 5
ROLE_WORDS = 80

_TAGGED = re.compile(r"<instruction>.*?</instruction>", re.DOTALL)


def longest_answer(options: Options, sizes: Sizes) -> int:
    """The tokens of an answer that holds all variants."""
    del sizes
    return max(512, TOKENS_A_VARIANT * options.styles)


def varied(context: Context, styles: int) -> Iterator[Candidate]:
    """Variants of the node's instruction, one for each thinking style; one question.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    answer = context.study.ask(
        "wizard_vary",
        max_tokens=TOKENS_A_VARIANT * styles,
        temperature=1.0,
        description=context.study.setting.description,
        instruction=instruction_of(context),
        styles=context.rng.sample(THINKING_STYLES, styles),
        rule=answer_rule(context.view),
    )
    if answer is None:
        return
    # Without a pair of tags the whole answer may still be read as one variant.
    found = _TAGGED.findall(answer) or [answer]
    for each in islice(found, styles):
        text = read_proposal(context, each)
        if text is not None:
            yield reworded_child(context, "promptwizard, variant", text)


def refined(context: Context, cases: Sequence[Case]) -> Candidate | None:
    """The instruction synthesised anew after mistakes and a critique of them; None without any.

    Raises:
        BudgetExhaustedError: runs or questions could not be paid.
    """
    wrong, present = mistakes(context, cases)[:SHOWN_MISTAKES], instruction_of(context)
    flaw = criticised(context, present, wrong, temperature=0.0) if wrong else None
    if flaw is None:
        return None
    text = read_proposal(context, amended(context, present, wrong, flaw, temperature=0.0))
    return None if text is None else reworded_child(context, "promptwizard, synthesis", text)


def with_role(context: Context) -> Candidate | None:
    """The instruction with an expert's role before it; None if the proposer has none to tell.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    present = instruction_of(context)
    role = context.study.ask(
        "wizard_role",
        temperature=0.0,
        description=context.study.setting.description,
        instruction=present,
    )
    text = re.sub(r"</?\w+>", "", role or "").strip()
    if not 0 < len(text.split()) <= ROLE_WORDS:
        return None
    return reworded_child(context, "promptwizard, role", f"{text}\n\n{present}")
