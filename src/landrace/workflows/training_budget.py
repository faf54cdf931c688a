"""Whether a ceiling on calls leaves room for the answers that a training begins with.

Told before the first of them: a run that such a ceiling ends has paid for answers on which nothing
is trained, and ends there again each time, as a resumed study is charged for what it has paid for.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from landrace.errors import ConfigError, LandraceError
from landrace.optimizers.entry import Entry
from landrace.optimizers.shown_cases import ShownCases
from landrace.optimizers.variants import write_variant
from landrace.schemas.candidate import Candidate
from landrace.workflows.ceiling import raising

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.workflows.task import CellTask


def check_answerable(
    task: CellTask, pinned: Sequence[Candidate], where: str, *, is_last: bool
) -> None:
    """Raise where the ceiling on calls may not do for a round's answers.

    ``where`` names the ceiling. Unless this ``is_last`` of the rounds, it has to do for those of
    the next one, too, whose pin is not known yet.

    Raises:
        ConfigError: it is too low.
    """
    needed = answering_calls(task, pinned)
    if not is_last:
        needed = max(needed, 2 * len(task.search) * task.calls_a_case)
    if task.budget.calls is None or needed <= task.budget.calls:
        return
    raise ConfigError(
        f"{task.budget.calls} calls are too few to train for {task.cell}: what is pinned and the "
        f"base answer its `search` cases first, which takes up to {needed}",
        where=where,
        fix=f"allow {needed} calls or more: {raising('calls')}",
    )


def answering_calls(task: CellTask, pinned: Sequence[Candidate]) -> int:
    """The most calls of `landrace.workflows.training_data.run_on_search`, without second tries."""
    entries: dict[str, Entry] = {}
    for candidate in (Candidate(), *pinned):
        with contextlib.suppress(LandraceError):  # such a one is dropped, and asks nothing
            entry = Entry(candidate, write_variant(task.program, candidate))
            entries.setdefault(entry.digest, entry)
    shown, judges = ShownCases(task.search), len(task.metric.judges)
    return sum(
        len(shown.unshown(task.search, entry)) * (entry.variant.calls + judges)
        for entry in entries.values()
    )
