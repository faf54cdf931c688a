"""What a study writes to the ledger: its candidates and their scores, and what it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landrace.ledger import Ledger
    from landrace.optimizers.entry import Entry
    from landrace.schemas.score import Outcome


class StudyLog:
    """The ledger under one study's name; nothing of the holdout, which a study never evaluates.

    Candidates and scores are read again, for choices and for training rows. The rest is for the
    audit trail.
    """

    def __init__(self, ledger: Ledger, study: str) -> None:
        self._ledger = ledger
        self._study = study

    def add(self, kind: str, **fields: Any) -> None:
        self._ledger.append({"kind": kind, "study": self._study, **fields})

    def candidate(self, entry: Entry) -> None:
        self.add(
            "candidate",
            digest=entry.digest,
            slots=entry.candidate.model_dump(mode="json"),
            templates=entry.variant.templates,
        )

    def scores(self, outcomes: Iterable[Outcome], *, main: str) -> None:
        """Those that have a score; ``main`` is the node that a plain prompt's runs ask."""
        for outcome in outcomes:
            if outcome.score is not None:
                self.add(
                    "score",
                    candidate=outcome.candidate,
                    case=outcome.case_id,
                    repeat=outcome.repeat,
                    value=outcome.score.value,
                    asked=list(outcome.asked),
                    node=_last_asked(outcome, main),
                )

    def sync(self) -> None:
        """See `Ledger.sync`."""
        self._ledger.sync()


def _last_asked(outcome: Outcome, main: str) -> str:
    """The node of a run's last call, which is an early one where the run failed there."""
    asked = (step.node for step in reversed(outcome.trace) if step.output is not None)
    return next(asked, main)
