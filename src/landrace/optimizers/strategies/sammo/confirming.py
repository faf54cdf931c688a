"""Whether what would be chosen holds on cases by which nothing was chosen yet.

Not in SAMMO, which has hundreds of cases to choose by. An instruction that was induced from search
cases, or mended after mistakes on some, has seen them, but shows none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.optimizers.objective import Objective
    from landrace.optimizers.study import Entry, Study
    from landrace.schemas.case import Case

BLOCK = 8  # cases that are scored at once


def confirm(study: Study) -> None:
    """Find the best that loses little for certain, by search cases in addition to `select`.

    It starts with the best by the mean loss, which may only be lucky, and scores it and its rival
    on search cases. Once its mean loss is too much it makes way for the next; once it has met all
    cases, its loss is judged with its standard error. What was not confirmed is not chosen: if the
    calls end before, the rival stays.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    rival, strict = study.rival, study.objective
    assert strict is not None
    study.objective = strict.model_copy(update={"caution": 0.0})
    confirmed = rival
    try:
        confirmed = _confirmed(study, rival, strict)
    finally:
        study.objective = strict
        study.eligible = frozenset({rival.digest, confirmed.digest})


def _confirmed(study: Study, rival: Entry, strict: Objective) -> Entry:
    study.eligible = frozenset(study.entries)
    while (best := study.best()) is not None and best is not rival:
        waiting = _waiting(study, best, rival)
        if waiting:
            study.evaluate([rival, best], waiting[:BLOCK])
            continue
        known = (*study.select, *study.fresh_cases(best))
        cases = study.table.shared([best.digest, rival.digest], known)
        is_sure = strict.permits(study.table, best.digest, rival.digest, cases)
        study.log("confirmed", digest=best.digest, cases=len(cases), sure=is_sure)
        if is_sure:
            return best
        study.eligible -= {best.digest}
    return rival


def _waiting(study: Study, best: Entry, rival: Entry) -> list[Case]:
    """The fresh cases that one of the two has not met; a call that failed for good is an answer."""
    met = [
        {outcome.case_id for outcome in study.table.outcomes(entry.digest, study.search)}
        for entry in (best, rival)
    ]
    return [case for case in study.fresh_cases(best) if any(case.id not in ids for ids in met)]
