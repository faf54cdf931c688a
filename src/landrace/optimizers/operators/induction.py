"""Operators that guess the instruction from examples: InduceInstructions and APE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.rewording import has_text, paraphrase
from landrace.optimizers.operators.samples import answered, samples, shown
from landrace.optimizers.operators.view import with_instruction
from landrace.optimizers.proposing.reading import is_instruction, untagged
from landrace.optimizers.proposing.telling import completed
from landrace.optimizers.slots import demos

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.schemas.candidate import Candidate


def can_be_instructed(view: View) -> bool:
    """Whether instruction and input of the node can be told apart."""
    return view.parts is not None and view.allows("sections")


def induce(context: Context) -> list[Candidate]:
    """InduceInstructions, temperature .9: each draw is shown examples of its own."""
    view = context.view
    by_case = {sample.case.id: sample for sample in answered(samples(context))}
    cases = [sample.case for sample in by_case.values()]
    found = []
    for _ in range(context.most if cases else 0):
        drawn = demos.balanced(cases, context.tuning.induce_from, context.rng)
        examples = shown(view, [by_case[case.id] for case in drawn])
        answer = context.study.ask("induce", examples=examples, temperature=0.9)
        text = instruction_in(view, answer)
        if text is None:
            context.study.log("no proposal", reason="no instruction in the answer", answer=answer)
            continue
        found.append(context.child("induce instructions", **with_instruction(view, text)))
    return found


def ape(context: Context) -> list[Candidate]:
    """APE (Zhou et al. 2022): induce at first, then resample around what was found.

    A child whose text was dropped has nothing to resample.
    """
    is_child = bool(context.entry.candidate.parents)
    return paraphrase(context) if is_child and has_text(context.view) else induce(context)


def instruction_in(view: View, answer: str | None) -> str | None:
    """A whole instruction out of a proposer's answer; the form of the output is added where a
    label that the model has to choose from is missing.
    """
    text = untagged(answer or "")
    if not is_instruction(text, view.instruction()):
        return None
    return completed(view.node.contract, text)
