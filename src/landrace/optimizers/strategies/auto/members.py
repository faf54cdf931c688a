"""The candidates that may have children: the best of those that were not dropped on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.search import pareto
from landrace.optimizers.strategies.auto.standing import standings

if TYPE_CHECKING:
    import random
    from collections.abc import Hashable, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

MOST = 8


class Members:
    """The best so far, best first, and who of them is the next parent.

    ``cases`` are the select cases that all of them have met.
    """

    def __init__(self, study: Study, cases: Sequence[Case]) -> None:
        self._study = study
        self.cases = cases
        self.ranked: list[Entry] = []

    def add(self, entry: Entry) -> bool:
        """Whether an entry is now one of them; one with too few scores never is."""
        study = self._study
        if not study.table.heard([entry.digest], self.cases, study.setting.policy.min_coverage):
            return False
        if not self.has(entry):
            self.ranked = standings(study, [*self.ranked, entry])[:MOST]
        return self.has(entry)

    def crown_leader(self) -> None:
        """Score the best on all of select, and whoever is the best then, as far as runs last.

        Only what has met all of select can be chosen, and what is scored may fall back.

        Raises:
            BudgetExhaustedError: a ceiling other than that of calls was met.
        """
        study = self._study
        tried: set[str] = set()
        while self.ranked:
            self.ranked = standings(study, self.ranked)
            leader = self.ranked[0]
            if leader.digest in tried or (tried and study.runs_left() < len(study.select)):
                return
            tried.add(leader.digest)
            study.evaluate([leader], study.select)

    def best(self) -> Entry | None:
        """The best of those that have met all of select, by all that is known; the study's best
        where none of them has.

        By select alone, what was lucky there would win over what does better on search cases. Of
        two that tie, the shorter is better.
        """
        study = self._study
        found = standings(study, [entry for entry in study.finished() if self.has(entry)])
        return found[0] if found else study.best()

    def has(self, entry: Entry) -> bool:
        return any(member.digest == entry.digest for member in self.ranked)

    def have_headroom(self) -> bool:
        """Whether the best of them is known to make any mistake."""
        study = self._study
        return any(study.errors(entry, (*study.select, *study.search)) for entry in self.ranked[:1])

    def parent(self, rng: random.Random) -> Entry:
        """One that leads on some case, the more likely the more it leads (GEPA, algorithm 2).

        Only the best few can be drawn: with scores of 0 and 1, anybody leads somewhere by luck.
        Nobody whom the policy finds too long is, while anybody fits.
        """
        scores: dict[str, dict[Hashable, float]] = {
            entry.digest: {
                outcome.case_id: outcome.score.value
                for outcome in self._study.table.outcomes(entry.digest, self.cases)
                if outcome.score is not None
            }
            for entry in self._study.fitting(self.ranked)
        }
        return self._study.entries[pareto.draw(pareto.frontier(scores), rng)]
