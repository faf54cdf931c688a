"""Runs a race on a study: block after block of select cases in their one order, losers drop out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.allocation.race import survivors
from landrace.optimizers.objective import figures
from landrace.stats import weighted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case


class Pace(NamedTuple):
    """So many cases at a time, so often at most, and the level of each test."""

    block: int
    blocks: int
    alpha: float


def raced(
    study: Study, entries: Sequence[Entry], keep: int, pace: Pace, *, spare: int = 0
) -> list[Entry]:
    """At most ``keep`` of the entries, the best first, compared on the cases that all have met.

    Newcomers meet the first block though all may stay. It ends when no more than ``keep`` are left,
    when the blocks are at an end, or when the next one cannot be paid for all with ``spare`` runs
    to be left; without a first block the order stays.

    Raises:
        BudgetExhaustedError: a ceiling other than that of calls was met.
    """
    alive = list({entry.digest: entry for entry in entries}.values())
    last = min(pace.block * pace.blocks, len(study.select))
    reached = 0
    while reached < last:
        cases = study.select[: min(reached + pace.block, last)]
        due = missing(study, alive, cases)
        if len(alive) <= keep and (reached or not due):
            break
        if due + spare > study.runs_left():
            break
        # What was given up would be tried again, in every race.
        new = cases[reached:]
        study.evaluate([entry for entry in alive if missing(study, [entry], new)], new)
        reached = len(cases)
        alive = _after(study, alive, cases, keep, pace.alpha)
        study.log("survivors", cases=reached, digests=[entry.digest for entry in alive])
    return study.ranked(alive, study.select[:reached])[:keep]


def missing(study: Study, entries: Sequence[Entry], cases: Sequence[Case]) -> int:
    """How many runs it takes until all of the entries have been run on all of the cases."""
    get = study.table.get
    return sum(get(entry.digest, case.id) is None for entry in entries for case in cases)


def _after(
    study: Study, alive: Sequence[Entry], cases: Sequence[Case], keep: int, alpha: float
) -> list[Entry]:
    """Who goes on: nobody whose calls fail, for that would leave nothing to compare.

    Who proves too long for the policy does not, either, while anybody fits: it cannot win.
    """
    answering = study.table.heard(
        [e.digest for e in alive], cases, study.setting.policy.min_coverage
    )
    heard = study.fitting([entry for entry in alive if entry.digest in answering])
    rows = _scores(study, heard, cases)
    return [heard[number] for number in survivors(rows, keep, alpha)] if rows else list(alive)


def _scores(study: Study, entries: Sequence[Entry], cases: Sequence[Case]) -> list[list[float]]:
    """The scores of each on the cases that all have, each less what its cost takes off.

    A row's plain mean is the weighted mean, as the ranking has it.
    """
    table, objective = study.table, study.objective
    rival = study.rival.digest
    shared = table.shared([*(entry.digest for entry in entries), rival], cases)
    if not shared:
        return []
    weights = [case.weight for case in shared]
    theirs = figures(table, rival, shared)
    rows = []
    for entry in entries:
        ours = figures(table, entry.digest, shared)
        taken = 0.0 if objective is None else ours.accuracy - objective.value(ours, theirs)
        scores = weighted(table.scores(entry.digest, shared), weights)
        rows.append([score - taken for score in scores])
    return rows
