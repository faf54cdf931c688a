"""What searches and looks of the gate show of themselves while they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.commands.progress import Progress
    from landrace.optimizers.stages import Progress as Searching
    from landrace.workflows.gating.gate import Progress as Comparing
    from landrace.workflows.plan import PlannedCell


def show_search(shown: Progress, cell: str, now: Searching) -> None:
    """The row of a cell that is searched."""
    shown.update(
        cell,
        now.stage,
        score=now.best,
        calls=now.calls,
        tokens=now.tokens,
        cost_usd=now.cost_usd or None,
        seconds_left=now.seconds_left,
    )


def show_cell(shown: Progress, cell: PlannedCell, now: Searching) -> None:
    """`show_search`, by the cell's own names."""
    show_search(shown, f"{cell.prompt} on {cell.model.id}", now)


def show_look(shown: Progress, now: Comparing) -> None:
    """The row of a cell that is compared with what it was."""
    shown.update(
        f"{now.prompt} on {now.model}",
        f"look {now.look} of {now.looks}",
        calls=now.spent.calls,
        tokens=now.spent.tokens,
        cost_usd=now.spent.cost_usd or None,
    )
