"""The frame of a search that goes by rounds: score what there is to beat, breed, crown.

APE, ProTeGi, OPRO, CAPO, EvoPrompt and Promptbreeder have it in common. What a round is, each says
itself, as a generator that yields what it has after every round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from landrace.optimizers.allocation.screening import crown
from landrace.optimizers.proposing.opening import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.study import Entry, Study

T = TypeVar("T")


class Part(NamedTuple):
    """One of several rounds: it may make ``runs`` runs, and leaves ``ends`` to those after it."""

    study: Study
    number: int
    runs: int
    ends: float

    def left(self) -> int:
        """The runs that the round still has."""
        return int(self.study.runs_left() - self.ends)


def parts(study: Study, rounds: int) -> Iterator[Part]:
    """So many rounds, each with an equal share of the runs that are left when it begins."""
    for number in range(rounds):
        runs = int(study.runs_left() / (rounds - number))
        yield Part(study, number, runs, study.runs_left() - runs)


def probed(study: Study) -> Start | None:
    """The stage ``probe``: what `opened` gives, and None, too, where it could not be paid."""
    start = None
    with study.stage("probe", "how good is what we have"):
        start = opened(study)
    return start  # noqa: RET504 - the stage may have caught the end of the budget


def last_round(
    study: Study, stage: str, note: str, before: T, rounds: Callable[[int], Iterator[T]]
) -> T:
    """What the last round of a stage has left, or ``before`` where none came to its end.

    ``rounds`` is told how often the stage may run the program. A round in which the budget ends
    is lost; what came before it stays.
    """
    found = before
    with study.stage(stage, note) as runs:
        for left in rounds(runs):
            found = left
    return found


def crowned(study: Study, finalists: Sequence[Entry]) -> None:
    """The stage ``crown``: the best of the finalists, by successive rejects on all of select."""
    with study.stage("crown", "successive rejects on all of select") as runs:
        crown(study, finalists, runs)
