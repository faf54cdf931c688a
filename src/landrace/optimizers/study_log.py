"""What a study writes to the ledger: its candidates and their scores, and what it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.digest import json_digest
from landrace.key_order import program_in_order

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
            # Templates alone do not say what a score belongs to: parsers and parameters count, too.
            graph=json_digest(program_in_order(entry.variant.program.graph.to_dict())),
        )

    def scores(self, outcomes: Iterable[Outcome], *, main: str) -> None:
        """Those that have a score; ``main`` is the node that a plain prompt's runs ask."""
        for outcome in outcomes:
            if outcome.score is not None:
                node, times = _last_asked(outcome, main)
                self.add(
                    "score",
                    candidate=outcome.candidate,
                    case=outcome.case_id,
                    repeat=outcome.repeat,
                    value=outcome.score.value,
                    asked=list(outcome.asked),
                    node=node,
                    times=times,
                )

    def sync(self) -> None:
        """See `Ledger.sync`."""
        self._ledger.sync()


def _last_asked(outcome: Outcome, main: str) -> tuple[str, int]:
    """The node of a run's last call, and how many calls the run made of it.

    It is an early one where the run failed there. A node may be asked for each item of a list.
    """
    asked = [step.node for step in outcome.trace if step.output is not None]
    return (asked[-1], asked.count(asked[-1])) if asked else (main, 1)
