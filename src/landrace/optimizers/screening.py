"""Runs a schedule of rungs on a study: score, rank on shared cases, drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.allocation import Rung
    from landrace.optimizers.study import Entry, Study


def screen(study: Study, entries: Sequence[Entry], rungs: Sequence[Rung]) -> list[Entry]:
    """The survivors, best first. Candidates are compared on the same cases at every rung."""
    alive = list(entries)
    for rung in rungs:
        cases = study.select[: rung.cases]
        study.evaluate(alive, cases)
        alive = study.ranked(alive, cases)[: rung.keep]
        study.log("survivors", cases=rung.cases, digests=[entry.digest for entry in alive])
    return alive
