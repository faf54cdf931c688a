"""The score table: every score once, and every comparison on the same cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.schemas.case import Case
    from landrace.schemas.score import Outcome


class Failure(NamedTuple):
    """Of calls that failed: the first one's error and the last one's, and whether each of them
    would fail again.
    """

    error: str
    last: str
    is_final: bool


class ScoreTable:
    """Outcomes by candidate digest, case id and repeat.

    A case without a score (its call failed for good) is missing. Means and pairs leave it
    out for every side that is compared, so no side is ranked on easier cases.
    """

    def __init__(self) -> None:
        self._outcomes: dict[tuple[str, str, int], Outcome] = {}
        self._unfit: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._outcomes)

    def add(self, outcome: Outcome) -> None:
        if outcome.is_unfit:
            self._unfit.setdefault(outcome.candidate, _words(outcome))
            return
        self._outcomes[outcome.candidate, outcome.case_id, outcome.repeat] = outcome

    def forget(self, candidate: str) -> None:
        """Take out what is known of a candidate, which then counts for no coverage either."""
        kept = {place: found for place, found in self._outcomes.items() if place[0] != candidate}
        self._outcomes = kept

    def unfit(self, candidate: str) -> str:
        """Why the model takes no call of the candidate, or nothing; no failed call tells of it."""
        return self._unfit.get(candidate, "")

    def get(self, candidate: str, case_id: str, repeat: int = 0) -> Outcome | None:
        return self._outcomes.get((candidate, case_id, repeat))

    def has_score(self, candidate: str, case_id: str, repeat: int = 0) -> bool:
        outcome = self.get(candidate, case_id, repeat)
        return outcome is not None and outcome.score is not None

    def is_settled(self, candidate: str, case_id: str, repeat: int = 0) -> bool:
        """Whether asking again would tell nothing new: it has a score, or was refused for good."""
        if candidate in self._unfit:
            return True
        outcome = self.get(candidate, case_id, repeat)
        return outcome is not None and (outcome.score is not None or outcome.is_refused)

    def failure(self, candidate: str | None = None) -> Failure | None:
        """What is known of the failed calls of a candidate, or of all; None without any."""
        failed = [
            outcome
            for outcome in self._outcomes.values()
            if outcome.score is None and candidate in {None, outcome.candidate}
        ]
        if not failed:
            return None
        is_final = all(outcome.is_refused for outcome in failed)
        return Failure(_words(failed[0]), _words(failed[-1]), is_final)

    def refusal(self, candidate: str | None = None) -> str:
        """The first error of the failed calls of a candidate, or of all, where each of them would
        fail again; else nothing.
        """
        failure = self.failure(candidate)
        return failure.error if failure and failure.is_final else ""

    def outcomes(self, candidate: str, cases: Iterable[Case]) -> list[Outcome]:
        """The candidate's outcomes on these cases, in their order; absent ones left out."""
        found = (self.get(candidate, case.id) for case in cases)
        return [outcome for outcome in found if outcome is not None]

    def shared(self, candidates: Sequence[str], cases: Iterable[Case]) -> list[Case]:
        """The cases on which every candidate has a score."""
        return [case for case in cases if all(self.has_score(c, case.id) for c in candidates)]

    def heard(
        self, candidates: Sequence[str], cases: Sequence[Case], min_coverage: float
    ) -> list[str]:
        """The candidates that have a score on at least this share of the cases.

        One whose calls fail would leave the others nothing to be compared on.
        """
        needed = min_coverage * len(cases)
        return [each for each in candidates if len(self.shared([each], cases)) >= needed]

    def scores(self, candidate: str, cases: Iterable[Case]) -> list[float]:
        """Scores on cases that the candidate is known to have."""
        values = []
        for case in cases:
            outcome = self.get(candidate, case.id)
            assert outcome is not None
            assert outcome.score is not None
            values.append(outcome.score.value)
        return values

    def mean(self, candidate: str, cases: Sequence[Case]) -> float | None:
        """The weighted mean score on those of the cases that have one; None without any."""
        scored = self.shared([candidate], cases)
        if not scored:
            return None
        return self.total(candidate, scored) / sum(case.weight for case in scored)

    def total(self, candidate: str, cases: Sequence[Case]) -> float:
        """The weighted sum of the scores on cases that the candidate is known to have.

        On the same cases, sums tell candidates apart as means do.
        """
        values = self.scores(candidate, cases)
        return sum(v * case.weight for v, case in zip(values, cases, strict=True))

    def prompt_tokens(self, candidate: str, cases: Iterable[Case]) -> float:
        """The sum over the outcomes on these cases."""
        return sum(outcome.usage.prompt_tokens for outcome in self.outcomes(candidate, cases))

    def coverage(self) -> float:
        """The share of outcomes that have a score; 1 for an empty table."""
        if not self._outcomes:
            return 1.0
        scored = sum(outcome.score is not None for outcome in self._outcomes.values())
        return scored / len(self._outcomes)


def _words(outcome: Outcome) -> str:
    """Why the call failed, without what to do about it."""
    return (outcome.error or "it failed").splitlines()[0]
