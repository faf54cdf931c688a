"""Where a user's function prints: to stderr, for stdout holds what a command says itself."""

from __future__ import annotations

import contextlib
import sys
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TextIO, cast

from landrace.ci_commands import without_commands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LOCK = threading.Lock()
_IS_USERS: ContextVar[bool] = ContextVar("_IS_USERS", default=False)


class _Stdout:
    """Stdout for all threads but those that run a user's function, for which it is stderr.

    What they print may be a model's text, and CI runners take commands out of stderr, too.
    """

    def __init__(self, real: TextIO) -> None:
        self.real = real
        self.users = 0

    def write(self, text: str) -> int:
        if not _IS_USERS.get():
            return self.real.write(text)
        sys.stderr.write(without_commands(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if _IS_USERS.get() else self.real, name)


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
    token = _IS_USERS.set(True)
    try:
        yield
    finally:
        _IS_USERS.reset(token)
        with _LOCK:
            diverted.users -= 1
            # Somebody else may have put another one there.
            present = cast("object", sys.stdout)
            if present is diverted and not diverted.users:
                sys.stdout = diverted.real
