"""Proposals for a node's instruction: read them, hold them to a number of words, make children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.operators.induction import instruction_in
from landrace.optimizers.operators.view import TASK, with_instruction, with_text
from landrace.optimizers.proposing.telling import completed, contract_rule
from landrace.optimizers.proposing.word_changes import changed_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import Passage, View
    from landrace.schemas.candidate import Candidate


def instruction_of(context: Context) -> str:
    """The node's instruction as it would be proposed: with the form of the output, if missing."""
    view = context.view
    return completed(view.node.contract, view.instruction())


def read_proposal(context: Context, answer: str | None) -> str | None:
    """The instruction in a proposer's answer; None, and logged, if there is none."""
    if answer is None:
        return None
    text = instruction_in(context.view, answer)
    if text is None:
        context.study.log("no proposal", node=context.node, answer=answer[:500])
    return text


def reworded_child(context: Context, operator: str, text: str) -> Candidate:
    """The candidate with another instruction in its node, as literal text."""
    return context.child(operator, **with_instruction(context.view, text))


def task_of(context: Context) -> str:
    """The text of the section `task` as a model reads it, or else the whole instruction."""
    view = context.view
    passage = _task(view)
    return view.instruction() if passage is None else passage.text


def read_task(context: Context, answer: str | None) -> str | None:
    """What a proposer made of `task_of`; None, and logged, if there is nothing.

    A label that stands elsewhere in the instruction need not be in the section.
    """
    text = read_proposal(context, answer)
    view = context.view
    passage = _task(view)
    if text is None or passage is None:
        return text
    elsewhere = view.instruction().replace(passage.text, "")
    plain = text.removesuffix(contract_rule(view.node.contract)).rstrip()
    return plain if completed(view.node.contract, f"{elsewhere}\n{plain}").endswith(plain) else text


def task_child(context: Context, operator: str, text: str) -> Candidate:
    """The candidate with another text in place of `task_of`."""
    view = context.view
    passage = _task(view)
    if passage is None:
        return reworded_child(context, operator, text)
    return context.child(operator, **with_text(view, passage, text))


def _task(view: View) -> Passage | None:
    found = (passage for passage in view.passages if passage.name == TASK)
    return next((passage for passage in found if not passage.is_whole), None)


def within_changes(context: Context, text: str, words: int) -> str | None:
    """The text if it changes at most ``words`` words of the present instruction.

    A text that changes more is sent back once to be cut down, then dropped: what comes back is
    measured, too.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    present = instruction_of(context)
    return _held(context, text, words, lambda new: changed_words(present, new), "changes")


def within_length(context: Context, text: str, words: int) -> str | None:
    """The text if it has at most ``words`` words, or as many as the present instruction has.

    Else as with `within_changes`.

    Raises:
        BudgetExhaustedError: the question could not be paid.
    """
    most = max(words, len(instruction_of(context).split()))
    return _held(context, text, most, lambda new: len(new.split()), "length")


def _held(
    context: Context, text: str, most: int, measure: Callable[[str], int], what: str
) -> str | None:
    if measure(text) <= most:
        return text
    answer = context.study.ask(
        "cut_down",
        instruction=instruction_of(context),
        proposal=text,
        what=what,
        count=measure(text),
        words=most,
        temperature=0.0,
    )
    cut = read_proposal(context, answer)
    if cut is None:
        return None
    if measure(cut) > most:
        context.study.log("dropped", reason=f"{what}: {measure(cut)} words, {most} allowed")
        return None
    return cut
