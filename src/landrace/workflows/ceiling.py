"""What a ceiling did to a search that it ended before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import BudgetExhaustedError

if TYPE_CHECKING:
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.stages import Cut
    from landrace.optimizers.study import Study
    from landrace.workflows.task import CellTask

_OPTIONS = {
    "calls": "--max-calls",
    "tokens": "--max-tokens",
    "cost_usd": "--max-cost",
    "seconds": "--max-time",
}


def unmeasured(task: CellTask, study: Study) -> BudgetExhaustedError | None:
    """What to raise where a ceiling ended the search before it was known what there is to beat.

    A pin would be fresh, and say that nothing better was found where hardly anything was asked.
    """
    if not study.cuts:
        return None
    for entry in study.rivals:
        asked = len(study.table.outcomes(entry.digest, study.select))
        if asked < len(study.select):
            return _unmeasured(task, study, entry, asked)
    return None


def _unmeasured(task: CellTask, study: Study, entry: Entry, asked: int) -> BudgetExhaustedError:
    cut = study.cuts[0]
    measured = f"the {kind_of(study, entry)} was scored on all of select"
    when = (
        f"{measured} ({asked} of {len(study.select)} cases)"
        if asked
        else "anything was scored that can be compared"
    )
    return BudgetExhaustedError(
        f"the budget of {task.cell} ended before {when}: {_ended(task, cut)}",
        fix=f"{raising(cut.ceiling)}, and run the same command again: it goes on from the "
        "answers so far, nothing is lost; `landrace plan` prints what a search needs",
        ceiling=cut.ceiling,
    )


def raising(ceiling: str) -> str:
    """How to raise one of the budget's ceilings, as a clause."""
    return f"raise `{ceiling}` in the pipeline's `budget`, or {_OPTIONS[ceiling]}"


def kind_of(study: Study, rival: Entry) -> str:
    """What people call the base or the incumbent."""
    return "base prompt" if rival is study.base else "pinned variant"


def early_end(task: CellTask, study: Study) -> str:
    """That a ceiling ended the search before its time, as a clause; or nothing."""
    return _ended(task, study.cuts[0]) if study.cuts else ""


def _ended(task: CellTask, cut: Cut) -> str:
    return f"{task.budget.ceiling(cut.ceiling)} cut short the stage `{cut.stage}`"
