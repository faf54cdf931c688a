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
    study: Study, parents: Sequence[Iterator[Candidate]], *, most: int, ends: float
) -> list[Entry]:
    """New candidates, one of each parent after the other.

    ``most`` is how many are made, ``ends`` how many runs stay for something else.

    Raises:
        BudgetExhaustedError: runs or questions could not be paid.
    """
    found: list[Candidate] = []
    for candidate in in_turn(parents):
        found.append(candidate)
        if len(found) >= most or study.runs_left() <= ends:
            break
    return newcomers(study, found)


def newcomers(study: Study, candidates: Sequence[Candidate]) -> list[Entry]:
    """Those of the candidates that render and that the study has never met, each once."""
    known = set(study.entries)
    return [entry for entry in study.admit_all(candidates) if entry.digest not in known]
