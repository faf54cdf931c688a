"""Who is better: candidates in order of their scores on the cases that all of them have met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landrace.evaluation.table import ScoreTable
    from landrace.optimizers.entry import Entry
    from landrace.optimizers.objective import Objective
    from landrace.schemas.case import Case


@dataclass(frozen=True)
class Ranking:
    """Puts candidates in order by a table of scores.

    ``labels`` are the answers that have the promised form, casefolded, or None where any does.
    One that lacks more than 1 - ``min_coverage`` of the cases is not compared. ``objective``
    weighs a candidate against ``rival``, the digest of what is served; None goes by accuracy.
    Whether it loses too much is also said by the ``further`` cases of a candidate.
    """

    table: ScoreTable
    labels: frozenset[str] | None
    min_coverage: float
    rival: str
    objective: Objective | None = None
    further: Callable[[Entry], Sequence[Case]] = lambda _entry: ()

    def ranked(self, entries: Sequence[Entry], cases: Sequence[Case]) -> list[Entry]:
        """Best first on the cases that all of them have, by the objective or by accuracy.

        Of two with the same score, the one whose answers more often have the promised form
        is first: where nothing is right yet, that is what tells candidates apart. What still
        ties keeps its order.
        """
        answering = self.table.heard([e.digest for e in entries], cases, self.min_coverage)
        heard = [entry for entry in entries if entry.digest in answering]
        shared = self.table.shared(answering, cases)

        def merit(entry: Entry) -> tuple[float, ...]:
            return (*self._merit(entry, shared), -self._in_form(entry, shared))

        return [*sorted(heard, key=merit), *(e for e in entries if e not in heard)]

    def best(self, entries: Sequence[Entry], cases: Sequence[Case]) -> Entry | None:
        """The best of the `finished`; None before anything is scored."""
        found = self.finished(entries, cases)
        return self.ranked(found, cases)[0] if found else None

    def finished(self, entries: Sequence[Entry], cases: Sequence[Case]) -> list[Entry]:
        """Those scored on all of the cases, up to calls that failed for good, the shorter first.

        Before anything is, those with the most cases.
        """
        counts = [len(self.table.outcomes(entry.digest, cases)) for entry in entries]
        most = max(counts, default=0)
        if most == 0:
            return []
        full = [entry for entry, count in zip(entries, counts, strict=True) if count == most]
        enough = [
            entry
            for entry in full
            if len(self.table.shared([entry.digest], cases)) >= self.min_coverage * most
        ]
        # Parsimony: of two that tie, the shorter.
        return sorted(enough or full, key=lambda entry: entry.variant.length)

    def _merit(self, entry: Entry, cases: Sequence[Case]) -> tuple[float, ...]:
        if self.objective is None:
            return (-round(self.table.mean(entry.digest, cases) or 0.0, 9),)
        further = self.further(entry) if self.objective.has_limits else ()
        return self.objective.merit(self.table, entry.digest, self.rival, cases, further=further)

    def _in_form(self, entry: Entry, cases: Sequence[Case]) -> int:
        answers = [outcome.answer for outcome in self.table.outcomes(entry.digest, cases)]
        return sum(
            answer is not None if self.labels is None else str(answer).casefold() in self.labels
            for answer in answers
        )
