"""Who gets more cases: pure schedules of successive halving and successive rejects.

Both are cumulative on one shared case order: a survivor keeps its scores and only gets the
next block. Karnin et al. 2013 (sequential halving) and Audibert and Bubeck 2010 (successive
rejects) draw anew in each round; shared cumulative cases lose about a third less accuracy
for as many runs because the comparison is paired.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Rung(NamedTuple):
    """Score ``alive`` candidates on the first ``cases`` cases, then keep ``keep`` of them."""

    alive: int
    cases: int
    keep: int


def halving(candidates: int, keep: int, runs: int, cases: int, *, done: int = 0) -> list[Rung]:
    """Rungs of sequential halving from ``candidates`` to ``keep`` within ``runs``.

    ``cases`` is how many there are, ``done`` how many all candidates already have. Every
    round gets an equal share of the runs.
    """
    if candidates <= keep:
        return []
    rounds = math.ceil(math.log2(candidates / keep))
    rungs: list[Rung] = []
    alive, reached, left = candidates, done, runs
    for number in range(rounds):
        share = left // (rounds - number)
        step = max(0, min(share // alive, cases - reached))
        reached += step
        left -= step * alive
        survivors = max(keep, math.ceil(alive / 2))
        if reached:
            rungs.append(Rung(alive, reached, survivors))
        alive = survivors
    return rungs


def successive_rejects(candidates: int, runs: int, cases: int, *, done: int = 0) -> list[Rung]:
    """Phases that drop one candidate each until one is left.

    Pulls follow n_j = ceil((B - K) / (logbar(K) (K + 1 - j))), with B the runs plus what
    ``done`` cases already cost, and never more than ``cases``.
    """
    if candidates <= 1:
        return []
    logbar = 0.5 + sum(1 / i for i in range(2, candidates + 1))
    total = runs + done * candidates
    rungs: list[Rung] = []
    reached, left = done, runs
    for phase in range(1, candidates):
        alive = candidates + 1 - phase
        wanted = math.ceil((total - candidates) / (logbar * alive))
        step = max(0, min(wanted - reached, cases - reached, left // alive))
        reached += step
        left -= step * alive
        if reached:
            rungs.append(Rung(alive, reached, alive - 1))
    return rungs


def runs_taken(rungs: list[Rung], *, done: int = 0) -> int:
    """The most runs that a schedule takes."""
    total, reached = 0, done
    for rung in rungs:
        total += rung.alive * (rung.cases - reached)
        reached = rung.cases
    return total
