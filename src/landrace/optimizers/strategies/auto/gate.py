"""Children against their parents: on a slice of cases, and then on more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.search.turns import turns
from landrace.optimizers.strategies.auto.standing import lead, lead_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

TIE = 1e-9  # float noise of a sum
ENOUGH = 8  # search cases with which a slice does without select
LOOKS = 2  # at a slice, and at the cases that follow it


class Child(NamedTuple):
    """A new candidate, of whom and by which operator in which node, and the tokens that took.

    ``seen`` are the ids of the cases whose answers its maker was told.
    """

    entry: Entry
    parent: Entry
    operator: str
    node: str
    tokens: int
    seen: frozenset[str] = frozenset()


def from_case(cases: Sequence[Case], start: int) -> list[Case]:
    """All cases, from one of them on; past the end it goes on with the first."""
    return turns(cases, start, len(cases))


def slice_for(
    study: Study, child: Child, search: Sequence[Case], select: Sequence[Case], size: int
) -> list[Case]:
    """The first so many cases that tell the child from its parent: none, if none does.

    Of select there are some only where hardly any of search tell them apart: by those the parent
    was chosen. A text written with the answer to a case in view is right there, whatever it is
    worth, so no such case is taken.
    """
    unseen = [case for case in search if case.id not in child.seen]
    found = study.informative(unseen, child.entry, child.parent)
    if len(found) < ENOUGH:
        found += study.informative(select, child.entry, child.parent)[: ENOUGH - len(found)]
    return found[:size]


def passes(study: Study, child: Child, cases: Sequence[Case]) -> bool:
    """Whether the child beats its parent on these cases, which either of them meets if it has not.

    One that is behind half-way is spared the rest. Where the parent makes no mistake, none is
    enough.

    Raises:
        BudgetExhaustedError: not all could be paid.
    """
    ahead = 0.0
    for stop in _stops(cases):
        met = cases[:stop]
        study.evaluate([child.parent, child.entry], met)
        ahead, _ = lead_on(study, child.entry, child.parent, met)
        if ahead < -TIE:
            return False
    return ahead > TIE or not study.errors(child.parent, cases)


def stays_ahead(study: Study, child: Child, cases: Sequence[Case]) -> bool:
    """Score a child on these cases; False once it is behind its parent by all that is known.

    Raises:
        BudgetExhaustedError: not all could be paid.
    """
    for stop in _stops(cases):
        study.evaluate([child.entry], cases[:stop])
        ahead, _ = lead(study, child.entry, child.parent)
        if ahead < -TIE:
            return False
    return True


def _stops(cases: Sequence[Case]) -> list[int]:
    count = len(cases)
    return sorted({count * look // LOOKS for look in range(1, LOOKS + 1)} - {0})
