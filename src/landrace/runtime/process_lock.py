"""A lock that threads share, and that a forked process does not inherit in a locked state."""

from __future__ import annotations

import os
from threading import Lock


class ProcessLock:
    """One lock for the threads of each process.

    A fork copies a lock as it is but none of the other threads, so nobody would ever release what
    one of them holds. `os.register_at_fork` could renew it, and would keep each registry for ever.
    """

    __slots__ = ("_locks",)

    def __init__(self) -> None:
        self._locks: dict[int, Lock] = {}

    def __enter__(self) -> None:
        # One step, so that the first two threads of a new process get the same lock.
        self._locks.setdefault(os.getpid(), Lock()).acquire()

    def __exit__(self, *_: object) -> None:
        self._locks[os.getpid()].release()
