"""What a candidate does on search cases that it does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.auto.bench import Bench
    from landrace.schemas.case import Case

BATCH = 8  # search cases that are run at once
ENOUGH = 8  # known mistakes that make further runs superfluous


def questioned(bench: Bench, context: Context) -> list[Case]:
    """The search cases that the candidate was run on, a few more of them if mistakes are few.

    In random order. Those that it shows as examples are left out, for it knows the answers.

    Raises:
        BudgetExhaustedError: the runs could not be paid.
    """
    study, entry = bench.study, context.entry
    cases = study.unshown(bench.order, entry)
    known = [case for case in cases if study.table.get(entry.digest, case.id)]
    if len(study.errors(entry, known)) < ENOUGH:
        met = {case.id for case in known}
        more = [case for case in cases if case.id not in met][:BATCH]
        study.evaluate([entry], more)
        known += more
    return context.rng.sample(known, len(known))
