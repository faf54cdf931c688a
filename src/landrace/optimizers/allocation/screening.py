"""Runs a schedule of rungs on a study: score, rank on shared cases, drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.rungs import successive_rejects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.allocation.rungs import Rung
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study

NO_HEADROOM = 0.995  # of a mean score: what is left is hardly more than noise


def has_headroom(study: Study) -> bool:
    """Whether the best so far leaves anything to gain in accuracy."""
    best = study.best()
    mean = None if best is None else study.table.mean(best.digest, study.select)
    return mean is None or mean < NO_HEADROOM


def screen(study: Study, entries: Sequence[Entry], rungs: Sequence[Rung]) -> list[Entry]:
    """The survivors, best first. Candidates are compared on the same cases at every rung.

    With hardly any runs a schedule leaves its first rungs out; then only the first of the entries
    are alive at the one that it begins with.

    Raises:
        BudgetExhaustedError: not all could be paid.
    """
    alive = list(entries)
    for rung in rungs:
        cases = study.select[: rung.cases]
        alive = alive[: rung.alive]
        study.evaluate(alive, cases)
        alive = study.ranked(alive, cases)[: rung.keep]
        study.log("survivors", cases=rung.cases, digests=[entry.digest for entry in alive])
    return alive


def crown(study: Study, survivors: Sequence[Entry], runs: int) -> None:
    """Find the best of a few by successive rejects, and score it on all of select.

    The crown is worn on all of select, or the candidate cannot be chosen: those runs are kept.
    """
    done = reached(study, survivors)
    last = len(study.select) - done
    rungs = successive_rejects(len(survivors), max(0, runs - last), len(study.select), done=done)
    crowned = screen(study, survivors, rungs)
    study.evaluate(crowned[:1], study.select)


def reached(study: Study, entries: Sequence[Entry]) -> int:
    """On how many of the first select cases all of them have been scored."""
    counts = (len(study.table.outcomes(entry.digest, study.select)) for entry in entries)
    return min(counts, default=0)
