"""APO: find mistakes, have them explained, mend the instruction, reword what comes out.

Automatic prompt optimization (Pryzant et al. 2023, §3.1, "ProTeGi") as SAMMO has it: critiques
play the part of gradients, edits that of steps. Where SAMMO makes all of them and then samples
as many as are wanted, this one stops asking once it has enough.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from landrace.optimizers.operators.induction import instruction_in
from landrace.optimizers.operators.rewording import rephrased
from landrace.optimizers.operators.samples import mistakes
from landrace.optimizers.operators.view import with_instruction
from landrace.optimizers.proposing.critique import amended, criticised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.optimizers.operators.base import Context
    from landrace.schemas.candidate import Candidate


def apo(context: Context) -> list[Candidate]:
    """Children that mend mistakes; none where the parent makes no mistake."""
    wrong = mistakes(context)
    if not wrong:
        return []
    texts = islice(_texts(context, wrong), context.most)
    return [context.child("apo", **with_instruction(context.view, text)) for text in texts]


def _texts(context: Context, wrong: list[dict[str, str]]) -> Iterator[str]:
    """For each critique its edits, each followed by its rewordings."""
    tuning, instruction = context.tuning, context.view.instruction()
    for _ in range(tuning.apo_gradients):
        sample = context.rng.sample(wrong, min(tuning.apo_errors, len(wrong)))
        flaw = criticised(context, instruction, sample, temperature=0.8)
        if flaw is None:
            continue
        for _ in range(tuning.apo_steps):
            answer = amended(context, instruction, sample, flaw, temperature=0.7)
            text = instruction_in(context.view, answer)
            if text is None:
                continue
            yield text
            for _ in range(tuning.apo_rewrites):
                answer = rephrased(context.study, text, temperature=0.7)
                again = instruction_in(context.view, answer)
                if again is not None:
                    yield again
