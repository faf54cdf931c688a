"""One contestant's run on one task with one seed."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.peers.counted import CountedGateway

from landrace.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.peers.contestants import Contestant
    from benchmarks.peers.tasks import Task

    from landrace.gateway.base import Gateway


@dataclass(frozen=True)
class Contest:
    """What a contestant is given.

    ``budget`` is the most calls of the task model. ``folder`` is scratch of this run alone,
    ``record`` the file of what came of it; ``peer_python`` has the peers installed.
    """

    task: Task
    task_model: str
    proposer: str
    budget: int
    seed: int
    folder: Path
    record: Path
    peer_python: Path | None

    def terms(self) -> dict[str, Any]:
        """What has to be the same in all contests of one table."""
        return {
            "budget": self.budget,
            "models": [self.task_model, self.proposer],
            "sizes": [len(self.task.search), len(self.task.select), len(self.task.holdout)],
        }


@dataclass(frozen=True)
class Found:
    """What came of it: the winner's score on each holdout case, and how it was set up.

    ``ended`` says how the search ended, ``search_s`` how long it took, ``messages`` what the
    winner sends for the first holdout case.
    """

    scores: dict[str, float]
    settings: str
    ended: str
    search_s: float
    messages: list[dict[str, str]] = field(default_factory=list)


def run(contestant: Contestant, contest: Contest, gateway: Gateway) -> dict[str, Any]:
    """Its record, as JSON. Answers are kept in the run's folder: a second run costs no model."""
    task = contest.task
    with Ledger(contest.folder / "answers.jsonl") as answers:
        counted = CountedGateway(
            gateway,
            answers,
            task_model=contest.task_model,
            budget=contest.budget,
            seed=contest.seed,
        )
        found = contestant.run(contest, counted)
    return {
        "task": task.name,
        "contestant": contestant.name,
        "seed": contest.seed,
        **contest.terms(),
        **asdict(found),
        "count": asdict(counted.count),
        "at": time.strftime("%Y-%m-%d %H:%M"),
    }
