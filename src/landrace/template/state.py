"""What one rendering holds while it runs, and the limits that stop it."""

from __future__ import annotations

from time import thread_time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH = 40
MAX_MESSAGES = 10_000


class Limits(NamedTuple):
    """Ceilings of one rendering, whatever the template and its inputs are.

    ``output`` is in characters over all messages; ``steps`` counts loop iterations;
    ``work`` counts the characters and items that operators and filters read or build, which
    bounds memory; ``seconds`` is processor time of the rendering thread, so that a busy or sleeping
    machine fails nothing.
    """

    output: int = 1_000_000
    steps: int = 100_000
    work: int = 16_000_000
    seconds: float = 5.0


class ExceededError(ValueError):
    """A limit was passed; whoever knows the line turns it into a RenderError."""


class State:
    """The scope, the text of the message being written, and the messages before it."""

    __slots__ = (
        "_counted",
        "_deadline",
        "_limits",
        "_size",
        "_steps",
        "_work",
        "messages",
        "out",
        "scope",
    )

    def __init__(self, limits: Limits, scope: dict[str, Any]) -> None:
        self.scope = scope
        self.out: list[str] = []
        self.messages: list[dict[str, str]] = []
        self._limits = limits
        self._deadline: float | None = None
        self._steps = 0
        self._work = 0
        self._size = 0
        self._counted = 0

    def step(self) -> None:
        """Count one iteration of a loop."""
        self._steps += 1
        if self._steps > self._limits.steps:
            raise ExceededError(f"the loops ran more than {self._limits.steps:,} times")
        self.charge(1)

    def charge(self, amount: int) -> None:
        """Count work, before it is done wherever it could be huge."""
        self._work += amount
        if self._work > self._limits.work:
            raise ExceededError(f"rendering handled more than {self._limits.work:,} characters")
        # The clock is a system call; a template without loops and filters never asks it.
        now = thread_time()
        if self._deadline is None:
            self._deadline = now + self._limits.seconds
        if now > self._deadline:
            raise ExceededError(f"rendering took more than {self._limits.seconds:g} s")

    def weigh(self, value: Any, factor: int = 1) -> None:
        """Charge the characters and items of a value."""
        size = len(value) if isinstance(value, str) else _weight(value, self._limits.work)
        self.charge(size * factor)

    def count_output(self) -> None:
        """Count what was written since the last count; nothing is joined uncounted."""
        new = self.out[self._counted :] if self._counted else self.out
        self._counted = len(self.out)
        self.add_size(sum(map(len, new)))

    def add_size(self, characters: int) -> None:
        """Count output that is written without passing through ``out``."""
        self._size += characters
        if self._size > self._limits.output:
            raise ExceededError(f"the output is longer than {self._limits.output:,} characters")

    def take_output(self) -> str:
        """The text written so far; writing starts anew."""
        self.count_output()
        text = "".join(self.out)
        self.out = []
        self._counted = 0
        return text

    def capture(self, write: Callable[[State], None]) -> str:
        """What ``write`` prints, kept out of the message; it counts as output all the same."""
        self.count_output()
        outer, self.out, self._counted = self.out, [], 0
        write(self)
        text = self.take_output()
        self.out, self._counted = outer, len(outer)
        return text

    def end_text(self) -> None:
        """Make a user message of the text outside a role, unless it is blank."""
        if self.out and (content := self.take_output().strip()):
            self.add_message("user", content)

    def add_message(self, role: str, content: str) -> None:
        if len(self.messages) >= MAX_MESSAGES:
            raise ExceededError(f"there are more than {MAX_MESSAGES:,} messages")
        self.messages.append({"role": role, "content": content})


def _weight(value: Any, most: int, depth: int = 0) -> int:
    """Characters and items of a value that is no text; counting stops soon after ``most``."""
    if depth > MAX_DEPTH:
        raise ExceededError(f"a value is nested deeper than {MAX_DEPTH}")
    total = 1
    if isinstance(value, dict):
        total += sum(map(len, value))
        value = value.values()
    elif not isinstance(value, list):
        return total
    for part in value:
        if isinstance(part, str):
            total += len(part) + 1
        elif isinstance(part, (list, dict)):
            total += _weight(part, most - total, depth + 1)
        else:
            total += 1
        if total > most:
            break
    return total
