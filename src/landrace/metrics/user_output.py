"""Where a user's function prints: to stderr, for stdout holds what a command says itself."""

from __future__ import annotations

import contextlib
import sys
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TextIO, cast

from landrace.ci_commands import without_commands
from landrace.digest import normalize_newlines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LOCK = threading.Lock()
# Longer lines are passed on in pieces, each of which may hold no command either.
_LONGEST_LINE = 1 << 16


class _Lines:
    """What a user's function prints, to stderr line by line.

    It may be a model's text, and CI runners take commands out of stderr, too. One may be put
    together by several writes, and some readers end a line at a lone carriage return.
    """

    def __init__(self) -> None:
        self._begun = ""

    def write(self, text: str) -> None:
        lines, end, self._begun = (self._begun + text).rpartition("\n")
        self._pass_on(lines + end)
        if len(self._begun) > _LONGEST_LINE:
            self.close()

    def close(self) -> None:
        """Pass on a line that has no end, and end it: what follows may complete a command."""
        if self._begun:
            self._pass_on(f"{self._begun}\n")
        self._begun = ""

    def _pass_on(self, text: str) -> None:
        if text:
            sys.stderr.write(without_commands(normalize_newlines(text)))


_USERS: ContextVar[_Lines | None] = ContextVar("_USERS", default=None)


class _Bytes:
    """The ``buffer`` that a user's function sees: stderr's own would let commands through."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines

    def write(self, data: bytes) -> int:
        self._lines.write(bytes(data).decode(errors="replace"))
        return len(data)

    def flush(self) -> None:
        pass


class _Stdout:
    """Stdout for all threads but those that run a user's function, for which it is stderr."""

    def __init__(self, real: TextIO) -> None:
        self.real = real
        self.users = 0

    def write(self, text: str) -> int:
        lines = _USERS.get()
        if lines is None:
            return self.real.write(text)
        lines.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        lines = _USERS.get()
        return self.real.buffer if lines is None else _Bytes(lines)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real if _USERS.get() is None else sys.stderr, name)


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send what this thread prints meanwhile to stderr.

    `contextlib.redirect_stdout` would send that of all threads there, and of two that overlap put
    back the wrong one.
    """
    with _LOCK:
        present = cast("object", sys.stdout)
        diverted = present if isinstance(present, _Stdout) else _Stdout(sys.stdout)
        sys.stdout = cast("TextIO", diverted)
        diverted.users += 1
    lines = _Lines()
    token = _USERS.set(lines)
    try:
        yield
    finally:
        _USERS.reset(token)
        lines.close()
        with _LOCK:
            diverted.users -= 1
            # Somebody else may have put another one there.
            present = cast("object", sys.stdout)
            if present is diverted and not diverted.users:
                sys.stdout = diverted.real
