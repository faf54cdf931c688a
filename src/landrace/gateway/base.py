"""The seam to models: one method."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from landrace.digest import json_digest
from landrace.key_order import values_in_order
from landrace.schemas.score import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BY_LIMIT = "length"  # why an answer ended that the limit on its tokens cut off


class Message(NamedTuple):
    """A chat message; ``role`` is system, user or assistant."""

    role: str
    content: str


@dataclass(frozen=True)
class Request:
    """One question to one model.

    ``params`` are decoding parameters in litellm's words. ``repeat`` tells apart several
    draws of the same question; it is no part of what the model sees.
    """

    model: str
    messages: tuple[Message, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    repeat: int = 0

    @classmethod
    def of(cls, model: str, messages: Iterable[Mapping[str, str]], **params: Any) -> Request:
        """The request that ``litellm.completion`` would make of the same arguments."""
        turns = tuple(Message(message["role"], message["content"]) for message in messages)
        return cls(model, turns, params)

    @cached_property
    def digest(self) -> str:
        """The identity of the question, for caches and ledgers."""
        return json_digest(
            {
                "model": self.model,
                "messages": [list(message) for message in self.messages],
                "params": values_in_order(self.params),
                "repeat": self.repeat,
            }
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer and what it took. ``latency_s`` is wall time in seconds.

    ``key`` is what the ledger knows the call by, or nothing where none keeps it: the request alone
    does not say which weights have answered it.
    """

    text: str
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    latency_s: float = 0.0
    key: str = ""

    @property
    def is_cut(self) -> bool:
        """Whether the limit on its tokens ended the answer, and not the model."""
        return self.finish_reason == BY_LIMIT


class Gateway(Protocol):
    """Anything that answers requests; called from many threads at once."""

    def complete(self, request: Request) -> Completion:
        """The answer.

        Raises:
            TransientCallError: worth another try.
            CallError: this request failed for good; others may succeed.
            ModelError: no request to this model can succeed.
            BudgetExhaustedError: the next call might pass a ceiling.
        """
        ...


def close(gateway: Gateway) -> None:
    """Close the gateway, if it is one that can be closed."""
    close_it = getattr(gateway, "close", None)
    if close_it:
        close_it()
