"""Whether what would be chosen holds on cases by which nothing was chosen yet.

Not in SAMMO, which has hundreds of cases to choose by. An instruction that was induced from search
cases, or mended after mistakes on some, has seen them, but shows none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import BudgetExhaustedError

if TYPE_CHECKING:
    from landrace.optimizers.study import Entry, Study

BLOCK = 8  # cases that are scored at once


def confirm(study: Study) -> None:
    """Score the best and its rival on search cases, until the best has met all that it can.

    Another may be the best after each block, and goes on from there. What was not confirmed is not
    chosen: if the calls end before, the rival stays.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    rival = study.incumbent or study.base
    try:
        confirmed = _confirmed(study, rival)
    except BudgetExhaustedError:
        study.eligible = frozenset({rival.digest})
        raise
    study.eligible = frozenset({rival.digest, confirmed.digest})


def _confirmed(study: Study, rival: Entry) -> Entry:
    while (best := study.best()) is not None and best is not rival:
        met = [
            {outcome.case_id for outcome in study.table.outcomes(entry.digest, study.search)}
            for entry in (best, rival)
        ]
        fresh = study.fresh_cases(best)
        waiting = [case for case in fresh if any(case.id not in ids for ids in met)]
        study.log("confirmed", digest=best.digest, cases=len(fresh) - len(waiting), of=len(fresh))
        if not waiting:
            return best
        study.evaluate([rival, best], waiting[:BLOCK])
    return rival
