"""Who is told how far the work of a pull request is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.optimizers.stages import Progress as Searching
    from landrace.workflows.gating.gate import Progress as Comparing
    from landrace.workflows.plan import PlannedCell


class Watch(NamedTuple):
    """Both may be called from any thread."""

    searching: Callable[[PlannedCell, Searching], None] = lambda _cell, _progress: None
    comparing: Callable[[Comparing], None] = lambda _progress: None
