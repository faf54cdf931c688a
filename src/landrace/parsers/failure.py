"""What a parser raises where a text holds no answer."""

from __future__ import annotations


class ParseFailure(ValueError):  # noqa: N818 - a normal outcome of a weak model, not an error
    """The text holds no such answer; ``reason`` says why, as a clause without a full stop."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
