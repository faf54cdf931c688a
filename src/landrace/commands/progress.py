"""Progress of long work on stderr: live rows on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from landrace.commands.output import note
from landrace.reports.neutralise import one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_PLAIN_EVERY_S = 15.0


@dataclass(frozen=True, slots=True)
class State:
    """How far one cell is. ``score`` is what ``measure`` says; None is not known."""

    cell: str
    stage: str
    score: float | None
    calls: int
    tokens: int
    cost_usd: float | None
    seconds_left: float | None
    measure: str = "best"

    def columns(self) -> tuple[str, ...]:
        """Cell, stage, best score, work, cost and time left, as a person reads them."""
        return (
            one_line(self.cell),
            one_line(self.stage),
            "" if self.score is None else f"{self.measure} {self.score:.3f}",
            f"{self.calls:,} calls, {self.tokens:,} tokens",
            "" if self.cost_usd is None else f"${self.cost_usd:.4f}",
            "" if self.seconds_left is None else f"{duration(self.seconds_left)} left",
        )


class Progress(AbstractContextManager["Progress"], ABC):
    """Where long work reports to, from any thread, as often as it likes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def update(
        self,
        cell: str,
        stage: str,
        *,
        score: float | None = None,
        calls: int = 0,
        tokens: int = 0,
        cost_usd: float | None = None,
        seconds_left: float | None = None,
        measure: str = "best",
    ) -> None:
        """Where ``cell`` is now; the totals are the cell's own since its start."""
        with self._lock:
            self._show(State(cell, stage, score, calls, tokens, cost_usd, seconds_left, measure))

    @abstractmethod
    def _show(self, state: State) -> None: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


class LiveProgress(Progress):
    """One row a cell, redrawn in place a few times a second."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._rows: dict[str, State] = {}
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def _show(self, state: State) -> None:
        self._rows[state.cell] = state

    def _table(self) -> Table:
        with self._lock:
            rows = list(self._rows.values())
        grid = Table.grid(padding=(0, 2))
        for state in rows:
            grid.add_row(*state.columns())
        return grid


class PlainProgress(Progress):
    """A line when a cell enters a stage, and one every 15 seconds within it."""

    def __init__(
        self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._write = write
        self._clock = clock
        self._last: dict[str, tuple[str, float]] = {}

    def _show(self, state: State) -> None:
        now = self._clock()
        stage, when = self._last.get(state.cell, ("", now))
        if stage == state.stage and now - when < _PLAIN_EVERY_S:
            return
        self._last[state.cell] = (state.stage, now)
        self._write("  ".join(column for column in state.columns() if column))


def progress() -> Progress:
    """The progress display that fits stderr; a context manager.

    ``NO_COLOR`` is honoured by rich itself.
    """
    console = Console(stderr=True, highlight=False, markup=False)
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveProgress(console)
    return PlainProgress(note)


def duration(seconds: float) -> str:
    """Seconds as ``42 s``, ``3 min`` or ``1 h 05 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
