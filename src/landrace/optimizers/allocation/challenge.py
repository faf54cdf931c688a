"""A child against its parent on all of select, for as long as that is worth its calls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

BLOCK = 8  # cases that are scored at once
NOISE = 1e-9  # of a sum of floats


def holds(study: Study, child: Entry, parent: Entry) -> bool:
    """Whether the child is no worse than the parent, which is scored on all of select.

    Scoring ends where full marks on all cases that are left would not do any more: what that
    saves changes no verdict.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    for start in range(0, len(study.select), BLOCK):
        met, left = study.select[: start + BLOCK], study.select[start + BLOCK :]
        study.evaluate([child], met[start:])
        if _lag(study, child, parent, met) > _room(study, parent, left) + NOISE:
            study.log("challenge", child=child.digest, parent=parent.digest, cases=len(met))
            return False
    first = study.ranked([child, parent], study.select)[0]
    study.log("challenge", child=child.digest, parent=parent.digest, cases=len(study.select))
    return first.digest == child.digest


def keeps_up(study: Study, child: Entry, parent: Entry, cases: Sequence[Case]) -> bool:
    """Whether the child ranks before the parent on a quarter, a half and all of the cases.

    Scoring ends with the first on which it does not, which costs much less than `holds` and
    loses some that would have caught up. The parent has been scored on all of the cases.

    Raises:
        BudgetExhaustedError: a score could not be paid.
    """
    for stop in dict.fromkeys((len(cases) // 4, len(cases) // 2, len(cases))):
        met = cases[:stop]
        study.evaluate([child], met)
        # Of two that tie, the first stays first.
        if met and study.ranked([child, parent], met)[0] is not child:
            return False
    return True


def _lag(study: Study, child: Entry, parent: Entry, cases: Sequence[Case]) -> float:
    """How much the child is behind on the cases that both have, by the weights of the cases."""
    table = study.table
    shared = table.shared([child.digest, parent.digest], cases)
    return table.total(parent.digest, shared) - table.total(child.digest, shared)


def _room(study: Study, parent: Entry, cases: Sequence[Case]) -> float:
    """How much may be gained on the parent on these cases, by their weights."""
    shared = study.table.shared([parent.digest], cases)
    full_marks = math.fsum(case.weight for case in shared)
    return full_marks - study.table.total(parent.digest, shared)
