"""Children of several parents, as many as there is room and as the runs allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.search.turns import in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate


def bred(
    study: Study, parents: Sequence[Iterator[Candidate | None]], *, most: int, ends: float
) -> list[Entry]:
    """New candidates, one of each parent after the other.

    ``most`` is how many are made, ``ends`` how many runs stay for something else. A parent gives
    None for an answer that was of no use: it was paid for, too.

    Raises:
        BudgetExhaustedError: runs or questions could not be paid. What was made is admitted.
    """
    found: list[Candidate] = []
    try:
        for candidate in in_turn(parents):
            if candidate is not None:
                found.append(candidate)
            if len(found) >= most or study.runs_left() <= ends:
                break
    finally:
        born = newcomers(study, found)
    return born


def at_most(count: int, children: Iterator[Candidate | None]) -> Iterator[Candidate | None]:
    """The children up to so many, at least one, with the failures (None) between them."""
    made = 0
    for child in children:
        yield child
        made += child is not None
        if made >= count:
            return


def newcomers(study: Study, candidates: Sequence[Candidate]) -> list[Entry]:
    """Those of the candidates that render and that the study has never met, each once."""
    known = set(study.entries)
    return [entry for entry in study.admit_all(candidates) if entry.digest not in known]
