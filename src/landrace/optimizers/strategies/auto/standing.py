"""Who is how good by all that is known: select cases, and search cases that nobody was shown.

The parent of many tries looks better on select than it is, because it was chosen for that (the
winner's curse: 9 points for the best of ten equals on 30 cases). Against it a child that is truly
better would lose. Search cases that neither shows as examples are as good as select cases, and
nothing was chosen by them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landrace.optimizers.search.credit import additive_fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.search.credit import Choice
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

# Of an average candidate's scores, so many are taken together with a candidate's own.
PRIOR_CASES = 16


def lead(study: Study, ours: Entry, theirs: Entry) -> tuple[float, int]:
    """`lead_on` all cases that both have met and that say which is better."""
    cases = study.informative((*study.select, *study.search), ours, theirs)
    return lead_on(study, ours, theirs, cases)


def lead_on(study: Study, ours: Entry, theirs: Entry, cases: Sequence[Case]) -> tuple[float, int]:
    """By how much one is ahead of the other in the sum of scores, and on how many of the cases.

    A case counts by its weight beside the average of those that both have met.
    """
    shared = study.table.shared([ours.digest, theirs.digest], cases)
    pairs = zip(
        study.table.scores(ours.digest, shared),
        study.table.scores(theirs.digest, shared),
        shared,
        strict=True,
    )
    ahead = math.fsum((our - their) * case.weight for our, their, case in pairs)
    weight = math.fsum(case.weight for case in shared)
    return (ahead * len(shared) / weight if weight else 0.0), len(shared)


def standings(study: Study, entries: Sequence[Entry]) -> list[Entry]:
    """The best first by all their scores, each less what its case gives to anybody.

    A case counts by its weight beside the average of those that the candidate has met.
    Few cases count for little: a candidate's residual is shrunk as if it had met `PRIOR_CASES`
    more on which it is as good as the others. Of two that tie, the first stays first.
    """
    rows: dict[Choice, dict[str, float]] = {
        (number,): _scores(study, entry) for number, entry in enumerate(entries)
    }
    met = {key: row for key, row in rows.items() if row}
    if not met:
        return list(entries)
    _, levels = additive_fit(met)
    weights = {case.id: case.weight for case in (*study.select, *study.search)}

    def merit(number: int) -> float:
        row = rows[number,]
        if not row:
            return 0.0
        surplus = sum(weights[case] * (score - levels[case]) for case, score in row.items())
        mean = surplus / sum(weights[case] for case in row)
        return mean * len(row) / (len(row) + PRIOR_CASES)

    def place(number: int) -> tuple[bool, float]:
        return not study.fits(entries[number]), -round(merit(number), 9)

    return [entries[number] for number in sorted(range(len(entries)), key=place)]


def _scores(study: Study, entry: Entry) -> dict[str, float]:
    cases = study.informative((*study.select, *study.search), entry)
    outcomes = study.table.outcomes(entry.digest, cases)
    return {each.case_id: each.score.value for each in outcomes if each.score is not None}
