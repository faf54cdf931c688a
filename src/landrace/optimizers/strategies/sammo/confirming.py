"""Whether what would be chosen holds on cases by which nothing was chosen yet.

Not in SAMMO, which has hundreds of cases to choose by. An instruction that was induced from search
cases, or mended after mistakes on some, has seen them, but shows none.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from landrace.optimizers.objective import CAUTIOUS_FROM, TIE, figures, noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.evaluation.table import ScoreTable
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.objective import Objective
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

BLOCK = 8  # cases that are scored at once
FORLORN = 0.05  # chance below which nothing more is spent


def confirm(study: Study, finalists: Sequence[Entry]) -> None:
    """Find the best that loses little for certain, on all of `select` and on search cases.

    That is of the finalists, and of whatever else enough cases are known of. Whoever promises
    most, by what it would be worth and how likely it will prove to lose little, is scored with
    its rival on cases that they have not met. Once it has met all, it has to lose little for
    certain; then only what would be worth more goes on. What was not confirmed is not chosen: if
    the calls end before anything was, the rival stays.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    study.eligible = frozenset({study.rival.digest})
    study.evaluate(finalists, study.select[:CAUTIOUS_FROM])
    open_ = {entry.digest: entry for entry in _known_well(study) if study.fits(entry)}
    confirmed = study.rival
    while best := _most_promising(study, list(open_.values()), confirmed):
        unmet = _unmet(study, best)
        if unmet:
            study.evaluate([study.rival, best], unmet[:BLOCK])
            continue
        del open_[best.digest]
        if _is_sure(study, best):
            confirmed = best
            study.eligible = frozenset({study.rival.digest, best.digest})


def _is_sure(study: Study, entry: Entry) -> bool:
    objective, rival = study.objective, study.rival.digest
    assert objective is not None
    cases = study.table.shared([entry.digest, rival], _cases(study, entry))
    is_sure = objective.permits(study.table, entry.digest, rival, cases)
    study.log("confirmed", digest=entry.digest, cases=len(cases), sure=is_sure)
    return is_sure


def _most_promising(study: Study, entries: Sequence[Entry], confirmed: Entry) -> Entry | None:
    """Who may add most to what is confirmed; None where nobody is likely to."""
    promises = {entry.digest: _promise(study, entry, confirmed) for entry in entries}
    best = max(entries, key=lambda entry: promises[entry.digest], default=None)
    return best if best is not None and promises[best.digest] > 0 else None


def _promise(study: Study, entry: Entry, confirmed: Entry) -> float:
    """What it would be worth above what is confirmed, times the chance that it will be, too."""
    objective, table, rival = study.objective, study.table, study.rival.digest
    assert objective is not None
    shared = table.shared([entry.digest, confirmed.digest, rival], study.select)
    if not shared:
        return 0.0
    ours, best, theirs = (
        figures(table, d, shared) for d in (entry.digest, confirmed.digest, rival)
    )
    gain = objective.value(ours, theirs) - objective.value(best, theirs)
    if gain <= TIE:
        return 0.0
    chance = _chance(study, entry, objective)
    return gain * chance if chance >= FORLORN else 0.0


def _chance(study: Study, entry: Entry, objective: Objective) -> float:
    """How likely it will prove to lose little, once it has met all cases, by what is known.

    The mean of all cases is that of those met and of the others, which are drawn like them, so
    the normal approximation of a predictive distribution will do.
    """
    table, rival = study.table, study.rival.digest
    cases = _cases(study, entry)
    met = table.shared([entry.digest, rival], cases)
    if not objective.by_hope().permits(table, entry.digest, rival, met):
        return 0.0
    if objective.max_drop is None or len(met) == len(cases):
        return 1.0
    loss = figures(table, rival, met).accuracy - figures(table, entry.digest, met).accuracy
    deviation = _deviation(table, entry.digest, rival, met)
    bearable = objective.max_drop - objective.caution * deviation / math.sqrt(len(cases))
    spread = deviation * math.sqrt(1 / len(met) - 1 / len(cases))
    return NormalDist().cdf((bearable - loss) / spread)


def _deviation(table: ScoreTable, digest: str, rival: str, cases: Sequence[Case]) -> float:
    """Of one case's difference, as if one more were won and one lost: ties on few say little."""
    squares = len(cases) * (len(cases) - 1) * noise(table, digest, rival, cases) ** 2
    return math.sqrt((squares + 2) / (len(cases) + 1))


def _known_well(study: Study) -> list[Entry]:
    """What has met so many select cases that its mean says something."""
    least = min(CAUTIOUS_FROM, len(study.select))
    return [
        entry
        for entry in study.entries.values()
        if len(study.table.shared([entry.digest], study.select)) >= least
    ]


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
