"""Whom the work of a pull request asks: what is to be fetched, and checked before the first call.

Head's judges are among them only as far as its searches ask them: `find_scope` leaves out a prompt
whose judges base does not call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import LandraceError
from landrace.workflows.pull_request.transfer import models_to_try
from landrace.workflows.pull_request.unfinished import name_of, unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from landrace.metrics.base import Judge
    from landrace.schemas.pipeline import ModelConfig
    from landrace.schemas.results import Unfinished
    from landrace.workflows.pull_request.standing import EvidenceCheck
    from landrace.workflows.pull_request.unfinished import Name
    from landrace.workflows.pull_request.work import Work

    CheckModel = Callable[[str, Mapping[str, Any]], None]


class Called(NamedTuple):
    """Whom a cell's work asks. ``tried`` are the other models that get its winner: they decide
    nothing, so the work goes on without them.
    """

    models: tuple[ModelConfig, ...] = ()
    judges: tuple[Judge, ...] = ()
    tried: tuple[ModelConfig, ...] = ()


def called(check: EvidenceCheck, work: Work) -> Called:
    """Everybody whom the work of a cell can ask, and nobody else.

    Raises:
        LandraceError: a file of the prompt cannot be read.
    """
    searched, compared = work.kind == "optimize", check.inputs.is_compared(work.cell)
    if work.kind == "nothing" or not (searched or compared):
        return Called()
    proposer = work.cell.pipeline.config.proposer if searched else None
    base, head = (side.prompt(work.cell.prompt) for side in (check.base, check.head))
    judging = [
        *(head.metric.judges if head and searched else ()),
        *(base.metric.judges if base and compared else ()),
    ]
    return Called(
        (work.cell.model, *([proposer] if proposer else [])),
        tuple(judging),
        tuple(models_to_try(work.cell, head.source.config)) if head and compared else (),
    )


def model_ids(all_called: Iterable[Called]) -> set[str]:
    """The ids of all models, whatever they are asked for."""
    return {
        name
        for one in all_called
        for name in (
            *(model.id for model in (*one.models, *one.tried)),
            *(judge.model for judge in one.judges),
        )
    }


def not_callable(
    check: EvidenceCheck, scope: Iterable[Work], check_model: CheckModel
) -> dict[Name, Unfinished]:
    """The cells whose work would stop at a model or a judge after its first calls, and why."""
    found: dict[Name, Unfinished] = {}
    for work in scope:
        try:
            for model, params in _deciding(called(check, work)):
                check_model(model, params)
        except LandraceError as error:
            found[name_of(work.cell)] = unfinished(name_of(work.cell), error)
    return found


def _deciding(one: Called) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for model in one.models:
        yield model.id, model.params
    for judge in one.judges:
        yield judge.model, judge.params
