"""Keeps a results file within the size that the commit job takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import BudgetExhaustedError
from landrace.store.atomic import json_text
from landrace.workflows.pull_request.unfinished import unfinished

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from landrace.schemas.gate_report import GateReport, GateSpent
    from landrace.schemas.results import Results
    from landrace.workflows.pull_request.unfinished import Name

MOST_RESULT_BYTES = 64 << 20
_BESIDE = 2_000  # what a cell takes beside its files, or instead of them where it is left


def fitting(results: Results, spent: Mapping[Name, GateSpent]) -> Results:
    """The results as far as their file may be committed.

    First go the scores by case of the comparison, which no report takes from here, then cells:
    they are unfinished, and the next run finds the others committed. ``spent`` is what the
    searches took.
    """
    if _size(results) <= MOST_RESULT_BYTES:
        return results
    gate = _without_scores(results.gate)
    rest = results.model_copy(update={"cells": (), "gate": gate})
    room = MOST_RESULT_BYTES - _size(rest) - _BESIDE * len(results.cells)
    cells, left = [], list(results.unfinished)
    for cell in results.cells:
        size = _size(cell)
        if size <= room:
            cells.append(cell)
            room -= size
        else:
            name = (cell.prompt, cell.model)
            one = unfinished(name, _too_much())
            left.append(one.model_copy(update={"spent": spent.get(name)}))
    return rest.model_copy(update={"cells": tuple(cells), "unfinished": tuple(left)})


def _size(part: BaseModel) -> int:
    return len(json_text(part.model_dump(mode="json")).encode())


def _without_scores(gate: GateReport | None) -> GateReport | None:
    if gate is None:
        return None
    cells = tuple(cell.model_copy(update={"scores": ()}) for cell in gate.cells)
    return gate.model_copy(update={"cells": cells})


def _too_much() -> BudgetExhaustedError:
    return BudgetExhaustedError(
        f"with it the results file would be larger than {MOST_RESULT_BYTES:,} bytes; "
        "the next run has room for it, once the others are committed"
    )
