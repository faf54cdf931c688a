"""Who asks the same at the same time takes turns."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class KeyLocks:
    """A lock for every key; nothing is kept of a key that nobody holds."""

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._freed = threading.Condition()

    @contextmanager
    def holding(self, key: str) -> Iterator[None]:
        """Hold the key's lock; wait for it first."""
        with self._freed:
            self._freed.wait_for(lambda: key not in self._held)
            self._held.add(key)
        try:
            yield
        finally:
            with self._freed:
                self._held.remove(key)
                self._freed.notify_all()
