"""What a run asks and what it leaves behind, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ask(NamedTuple):
    """One call to make: the node, its chat messages, its parameters over the model's own."""

    node: str
    messages: list[dict[str, str]]
    params: dict[str, Any]


class Step(NamedTuple):
    """One call, or one computation, in the trace of a run.

    Attributes:
        node: the node's name.
        inputs: what it read, by name; of a plain prompt all inputs of the run.
        messages: what was asked, None for a computation and for a call that was never made.
        output: the model's raw text, None likewise.
        value: what became of it; for a batch the list of the answers that could be read.
        failure: why there is no value, or which items of a batch have none; None if all is well.
        is_cut: whether a limit on its tokens is known to have ended the output.
    """

    node: str
    inputs: Mapping[str, Any]
    messages: list[dict[str, str]] | None
    output: str | None
    value: Any
    failure: str | None
    is_cut: bool = False


class Failure(NamedTuple):
    """Why a run has no answer."""

    node: str
    reason: str

    def __str__(self) -> str:
        return f"node `{self.node}`: {self.reason}"


class Result(NamedTuple):
    """How a run ended.

    Attributes:
        answer: the value of the output node, None after a failure.
        output: the raw text of the last call, None where there was none.
        steps: the trace, in the order of the plan.
        failure: why there is no answer, or None.
    """

    answer: Any
    output: str | None
    steps: tuple[Step, ...]
    failure: Failure | None
