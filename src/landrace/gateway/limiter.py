"""How many calls may be in flight: found by trying, as TCP finds the speed of a line."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from landrace.errors import TransientCallError

if TYPE_CHECKING:
    from collections.abc import Iterator


class AdaptiveLimiter:
    """Additive increase, multiplicative decrease of the calls in flight; thread-safe.

    The limit starts at ``maximum``. A transient failure halves it, but only once for the calls
    that were in flight together: they report one and the same congestion. As many
    successes in a row as the limit is wide raise it by one.
    """

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._limit = maximum
        self._in_flight = 0
        self._successes = 0
        self._halvings = 0
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """Most calls in flight now, 1..maximum."""
        return self._limit

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a place while a call runs; wait for one first."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < self._limit)
            self._in_flight += 1
            halvings = self._halvings
        try:
            yield
            self._grow()
        except TransientCallError:
            self._halve(halvings)
            raise
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def _grow(self) -> None:
        with self._changed:
            self._successes += 1
            if self._successes >= self._limit:
                self._successes = 0
                self._limit = min(self._maximum, self._limit + 1)

    def _halve(self, halvings_at_start: int) -> None:
        with self._changed:
            self._successes = 0
            if halvings_at_start == self._halvings:
                self._halvings += 1
                self._limit = max(1, self._limit // 2)
