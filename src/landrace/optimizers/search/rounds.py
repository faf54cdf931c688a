"""The frame of a search that goes by rounds: score what there is to beat, breed, crown.

What a round is, each strategy says itself, as a generator that yields what it has after every
round. Who begins or ends alike, without rounds, takes the stages from here as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from landrace.optimizers.allocation.contest import best_in_full
from landrace.optimizers.allocation.screening import crown, has_headroom
from landrace.optimizers.probing import probe
from landrace.optimizers.proposing.opening import guests, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case

CONFIRMED = 3  # finalists where all have been scored on most of select already
_GUESTS = 4  # at most one run in so many goes to other models' winners

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


def guest_runs(runs: float) -> int:
    """How many of so many runs may go to other models' winners."""
    return int(runs // _GUESTS)


def with_guests(runs: int) -> int:
    """How many runs it takes for so many to be left when guests had theirs."""
    return -(-runs * _GUESTS // (_GUESTS - 1))


def probed(study: Study) -> Start | None:
    """The stage ``probe``: what `opened` gives, and None, too, where it could not be paid."""
    start = None
    with study.stage("probe", "how good is what we have"):
        start = opened(study)
    return start  # noqa: RET504 - the stage may have caught the end of the budget


def contested(study: Study) -> list[Entry]:
    """The stage ``probe`` of a search that needs no examples of nodes: base and incumbent.

    Both are scored on all of select; there is nobody where nothing can be gained.
    """
    with study.stage("probe", "how good is what we have"):
        probe(study, study.rivals[::-1], study.select)
    if has_headroom(study):
        return study.rivals[::-1]
    study.log("no headroom")
    return []


def rooted(study: Study, start: Start, spare: int, keep: int) -> list[Entry]:
    """The best of the start and of other models' winners, scored on all of select.

    At most ``keep`` of them, and as many winners as ``spare`` runs pay. Those that cannot be taken
    apart come last; they are scored, so that they may still win, but nothing grows from them.

    Raises:
        BudgetExhaustedError: a ceiling other than that of calls was met.
    """
    found = guests(study, start)
    room = max(0, spare) // max(1, len(study.select))
    fit = found.fit[:room]
    study.evaluate(found.fixed[: room - len(fit)], study.select)
    return best_in_full(study, [start.entry, *fit], keep)


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


def confirming_runs(sizes: Sizes, cases: int) -> int:
    """The most runs that `confirmed` takes, after scores on so many select cases."""
    return CONFIRMED * max(0, sizes.select - cases)


def confirmed(study: Study, population: Sequence[Entry], cases: Sequence[Case]) -> None:
    """The stage ``confirm``: the best of a population by these select cases, on all of them."""
    with study.stage("confirm", "the best on all of select"):
        best_in_full(study, study.ranked(population, cases)[:CONFIRMED], 1)
