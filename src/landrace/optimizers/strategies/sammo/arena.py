"""Who is scored on what, and who is best: `full` as in SAMMO, or `halving`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.allocation.rungs import halving
from landrace.optimizers.allocation.screening import screen
from landrace.optimizers.objective import figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case


class Arena(NamedTuple):
    """``is_full`` scores every candidate on all of select."""

    study: Study
    is_full: bool

    def best(self, entries: Sequence[Entry], keep: int, runs: int) -> list[Entry]:
        """At most ``keep`` of the entries, the best first, for at most ``runs`` runs.

        With `full` there is no bound but the budget.

        Raises:
            BudgetExhaustedError: not all could be paid.
        """
        study = self.study
        together = list({entry.digest: entry for entry in entries}.values())
        if not together:
            return []
        if self.is_full:
            study.evaluate(together, study.select)
            return study.ranked(together, study.select)[:keep]
        rungs = halving(len(together), keep, runs, len(study.select))
        alive = screen(study, together, rungs)[:keep]
        if rungs:
            return alive
        cases = study.select[: runs // len(together)]
        study.evaluate(together, cases)
        return study.ranked(together, cases)[:keep]

    def gain(self, child: Entry, parent: Entry) -> float:
        """By how much the child is better on the cases that both have; 0 without any."""
        study = self.study
        rival = study.rival
        digests = [child.digest, parent.digest, rival.digest]
        shared = study.table.shared(digests, study.select)
        if not shared:
            return 0.0
        ours, theirs, base = (figures(study.table, digest, shared) for digest in digests)
        if study.objective is None:
            return ours.accuracy - theirs.accuracy
        if not study.objective.permits(study.table, child.digest, rival.digest, shared):
            return min(0.0, ours.accuracy - theirs.accuracy)
        return study.objective.value(ours, base) - study.objective.value(theirs, base)

    def tokens(self, entry: Entry, cases: Sequence[Case]) -> int:
        """What the entry's answers on these cases have taken so far."""
        outcomes = self.study.table.outcomes(entry.digest, cases)
        return sum(outcome.usage.tokens for outcome in outcomes)
