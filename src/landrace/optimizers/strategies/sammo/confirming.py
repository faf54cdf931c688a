"""Whether what was chosen holds on cases that nothing was chosen by.

Not in SAMMO, which has hundreds of cases to choose by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.optimizers.study import Study

BLOCK = 8  # cases that are scored at once


def confirm(study: Study) -> None:
    """Score the best and its rival on search cases, until the best has met all that it can.

    Another may be the best after each block, and goes on from there.

    Raises:
        BudgetExhaustedError: a score could not be paid; what is known stands.
    """
    rival = study.incumbent or study.base
    while (best := study.best()) is not None and best is not rival:
        met = study.table.outcomes(best.digest, study.search)
        passed = {outcome.case_id for outcome in met} | best.candidate.shown
        waiting = [case for case in study.search if case.id not in passed]
        if not waiting:
            return
        study.evaluate([rival, best], waiting[:BLOCK])
