"""What a proposer is told in every question: the present instruction, examples, the form, tips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.optimizers.slots.formats import FORMATS
from landrace.optimizers.slots.pieces import first_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.operators.view import View
    from landrace.optimizers.variants import NodeBase
    from landrace.program import Step
    from landrace.schemas.prompt import OutputContract

MAX_EXAMPLE = 600  # characters of one input or output shown to a proposer
MAX_INSTRUCTION = 4000  # of an earlier instruction that is shown beside the present one

TIPS = (
    "Be short and direct.",
    "Define each possible output so that two careful people would agree.",
    "Write for a reader who has never seen the task.",
    "State the rules for doubtful inputs as a list.",
)


def present_instruction(node: NodeBase) -> str:
    """The node's own instruction as a model reads it; empty where it cannot be told apart."""
    if node.parts is None:
        return ""
    role = f"{{% system %}}{node.parts.instruction}{{% endsystem %}}"
    return first_message(role, {}, node.path)


def own_steps(steps: Sequence[Step], node: str) -> list[Step]:
    """What a node did in a run, each time that it was asked and answered."""
    return [step for step in steps if step.node == node and step.output is not None]


def telling_step(steps: Sequence[Step], node: str) -> Step | None:
    """What says most of a node that ran several times: the first time that failed, or the first."""
    own = own_steps(steps, node)
    return next((step for step in own if step.failure), own[0] if own else None)


def contract_rule(contract: OutputContract) -> str:
    """What a contract asks of an answer, as a sentence; empty for free text."""
    if contract.labels:
        return f"Answer with exactly one of these, and nothing else: {', '.join(contract.labels)}."
    if contract.type == "number":
        return "Answer with the number alone."
    if contract.type == "json":
        fields = (contract.json_schema or {}).get("properties", {})
        names = f" with the keys {', '.join(fields)}" if fields else ""
        return f"Answer with a JSON object{names} and nothing else."
    return ""


def answer_rule(view: View) -> str:
    """What is asked of a candidate's answers: the contract, and its format where that adds a text.

    A proposer does not see that text in the instruction, and would contradict it.
    """
    rule = contract_rule(view.node.contract)
    ask = FORMATS[view.slots.format].ask
    if not ask:
        return rule
    return (
        f'{rule} How to write it is told after the instruction, so leave that out: "{ask}"'.strip()
    )


def completed(contract: OutputContract, text: str) -> str:
    """An instruction with the form of the output, if a label that may be chosen is missing.

    A model cannot choose a label that it is not told of.
    """
    labels = contract.labels or ()
    if any(label.casefold() not in text.casefold() for label in labels):
        return f"{text}\n\n{contract_rule(contract)}"
    return text


def clip(text: Any, most: int = MAX_EXAMPLE) -> str:
    """A value as text, cut at so many characters."""
    whole = str(text)
    return whole if len(whole) <= most else whole[: most - 1] + "…"
