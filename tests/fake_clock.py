"""Time that passes only while a model answers."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.gateway.base import Completion, Gateway, Request


class Clock:
    """Gives seconds, and is a call longer by each one through a gateway of `around`."""

    def __init__(self, a_call: float = 1.0) -> None:
        self.now = 0.0
        self._a_call = a_call
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def tick(self) -> None:
        with self._lock:
            self.now += self._a_call

    def around(self, gateway: Gateway) -> Gateway:
        return _Timed(gateway, self)


class _Timed:
    def __init__(self, inner: Gateway, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock

    def complete(self, request: Request) -> Completion:
        try:
            return self._inner.complete(request)
        finally:
            self._clock.tick()
