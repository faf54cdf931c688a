"""Progress of a download on stderr."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from landrace.commands.output import note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def byte_progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Progress of one download: a function to be told the bytes so far and in all."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal or console.is_dumb_terminal:
        yield _plain_bytes(label)
        return
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(TextColumn(label, markup=False), *columns, console=console) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain_bytes(label: str) -> Callable[[int, int], None]:
    """A line at every tenth of the way."""
    seen = 0

    def advance(done: int, total: int) -> None:
        nonlocal seen
        tenths = 10 * done // total
        if tenths > seen:
            seen = tenths
            note(f"{label}  {10 * tenths}% of {total / 1e6:,.0f} MB")

    return advance
