"""A served cell as the two sides of a gate's match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.schemas.gate_report import Side
from landrace.workflows.gating.comparison import ChangedCell
from landrace.workflows.gating.sides import BASE, Match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.schemas.baseline import Baseline
    from landrace.schemas.case import Case
    from landrace.workflows.baselines.served import Served
    from landrace.workflows.gating.sides import Contestant


def match_alone(served: Served) -> Match:
    """What is served, on all of its cases, with nothing to compare it with."""
    return _match(served, served.side, served.suite.cases, ())


def match_with(
    served: Served,
    baseline: Baseline,
    cases: Sequence[Case],
    changed: tuple[str, ...],
    *,
    where: str,
) -> Match:
    """What is served against the baseline, whose file is ``where``.

    Base's side is never asked: its answers are known, and its text is known no more.
    """
    side = served.side
    base = side._replace(
        side=Side(kind=baseline.kind, digest=baseline.variant, file=where),
        variant=side.variant._replace(digest=BASE, files={}),
        model=side.model.model_copy(update={"params": baseline.asked_params}),
        text="",
    )
    return _match(served, base, cases, changed)


def _match(
    served: Served, base: Contestant, cases: Sequence[Case], changed: tuple[str, ...]
) -> Match:
    cell = ChangedCell(
        prompt=served.cell.prompt,
        model=served.side.model,
        pipeline=served.cell.pipeline,
        changed=changed,
        by_pin=served.side.side.kind == "pin",
    )
    suite = served.suite._replace(cases=tuple(cases))
    base, head = (side._replace(cases=suite.cases) for side in (base, served.side))
    return Match(cell, suite, served.case_set, base, head, line=1)
