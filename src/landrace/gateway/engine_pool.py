"""The engines of one model: one a core, started when there is work for them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.gateway.engine import Engine


class EnginePool:
    """Lends engines to threads; thread-safe.

    Args:
        start: makes an engine; called once at once, and later where all are busy.
        maximum: most engines.
    """

    def __init__(self, start: Callable[[], Engine], maximum: int) -> None:
        self._start = start
        self._maximum = maximum
        self._engines = [start()]
        self._idle = list(self._engines)
        self._starting = 0
        self._changed = threading.Condition()

    @property
    def first(self) -> Engine:
        """The engine that is always there."""
        return self._engines[0]

    @contextmanager
    def engine(self, tokens: Sequence[int]) -> Iterator[Engine]:
        """Borrow the idle engine that remembers most of these tokens; wait for one first."""
        engine = self._take(tokens) or self._start_one()
        try:
            yield engine
        finally:
            with self._changed:
                self._idle.append(engine)
                self._changed.notify()

    def close(self) -> None:
        """Stop every engine."""
        with self._changed:
            for engine in self._engines:
                engine.close()

    def _take(self, tokens: Sequence[int]) -> Engine | None:
        """An idle engine, or None where another one is to be started."""
        with self._changed:
            while not self._idle:
                if len(self._engines) + self._starting < self._maximum:
                    self._starting += 1
                    return None
                self._changed.wait()
            best = max(self._idle, key=lambda engine: engine.choose_slot(tokens)[0])
            self._idle.remove(best)
            return best

    def _start_one(self) -> Engine:
        try:
            engine = self._start()
        finally:
            with self._changed:
                self._starting -= 1
                self._changed.notify()
        with self._changed:
            self._engines.append(engine)
        return engine
