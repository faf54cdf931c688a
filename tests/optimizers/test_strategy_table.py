"""The table has a row for every strategy that there is."""

from __future__ import annotations

import pkgutil

from landrace.optimizers import strategies
from landrace.optimizers.table import STRATEGIES


def test_every_module_of_a_strategy_has_a_row():
    rows = {strategy.optimize.__module__ for strategy in STRATEGIES.values()}
    start = len(f"{strategies.__name__}.")
    known = {module[start:].partition(".")[0] for module in rows}
    orphans = {module.name for module in pkgutil.iter_modules(strategies.__path__)} - known
    assert not orphans, (
        f"src/landrace/optimizers/table.py: add a row to STRATEGIES for {', '.join(sorted(orphans))}; "
        "what several strategies share is a module outside of strategies/"
    )
