"""Whether what would be chosen holds on cases by which nothing was chosen yet.

Not in SAMMO, which has hundreds of cases to choose by. An instruction that was induced from search
cases, or mended after mistakes on some, has seen them, but shows none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.objective import CAUTIOUS_FROM

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.objective import Objective
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

BLOCK = 8  # cases that are scored at once


def confirm(study: Study, finalists: Sequence[Entry]) -> None:
    """Find the best that loses little for certain, on all of `select` and on search cases.

    That is of the finalists, and of whatever else enough cases are known of. It starts with the
    cheapest that may do, which may only be lucky, and scores it and its rival on cases that they
    have not met. Once it loses too much for certain it makes way for the next; once it has met
    all, it has to lose little for certain. What was not confirmed is not chosen: if the calls end
    before, the rival stays.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    confirmed = study.rival
    try:
        confirmed = _confirmed(study, finalists)
    finally:
        study.eligible = frozenset({study.rival.digest, confirmed.digest})


def _confirmed(study: Study, finalists: Sequence[Entry]) -> Entry:
    rival, strict = study.rival, study.objective
    assert strict is not None
    hope = strict.by_hope()
    study.evaluate(finalists, study.select[:CAUTIOUS_FROM])
    open_ = {entry.digest: entry for entry in _known_well(study)}
    while (best := _best(study, filter(study.fits, open_.values()), hope)) is not rival:
        unmet = _unmet(study, best)
        if unmet:
            study.evaluate([rival, best], unmet[:BLOCK])
            continue
        cases = study.table.shared([best.digest, rival.digest], _cases(study, best))
        is_sure = strict.permits(study.table, best.digest, rival.digest, cases)
        study.log("confirmed", digest=best.digest, cases=len(cases), sure=is_sure)
        if is_sure:
            return best
        del open_[best.digest]
    return rival


def _known_well(study: Study) -> list[Entry]:
    """What has met so many select cases that its mean says something."""
    least = min(CAUTIOUS_FROM, len(study.select))
    return [
        entry
        for entry in study.entries.values()
        if len(study.table.shared([entry.digest], study.select)) >= least
    ]


def _best(study: Study, entries: Iterable[Entry], objective: Objective) -> Entry:
    """The best of these and the rival, which is first of those that tie."""

    def merit(entry: Entry) -> tuple[float, float]:
        fresh = study.fresh_cases(entry)
        return objective.merit(
            study.table, entry.digest, study.rival.digest, study.select, further=fresh
        )

    return min([study.rival, *entries], key=merit)


def _cases(study: Study, entry: Entry) -> list[Case]:
    return [*study.select, *study.fresh_cases(entry)]


def _unmet(study: Study, best: Entry) -> list[Case]:
    """The cases that either has not met; a call that failed for good is an answer, too."""
    cases = _cases(study, best)
    met = [
        {outcome.case_id for outcome in study.table.outcomes(entry.digest, cases)}
        for entry in (best, study.rival)
    ]
    return [case for case in cases if any(case.id not in ids for ids in met)]
