"""When a cell's evidence is judged, and how much of the chance of error each time uses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from landrace.stats.spending import spent_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from landrace.schemas.gate_policy import GatePolicy

FEWEST = 20  # of fewer cases a look could only ever say that it cannot tell


class Look(NamedTuple):
    """The first ``cases`` have ``repeats`` answers by then; ``error`` is this look's share."""

    cases: int
    repeats: int
    error: float


def planned_looks(cases: int, policy: GatePolicy, params: Mapping[str, Any]) -> tuple[Look, ...]:
    """The looks at a cell. They are fixed before the first, so that none can be chosen.

    Where there are no cases there is nothing to look at.
    """
    if not cases:
        return ()
    sizes = sorted({math.ceil(share * cases) for share in policy.looks})
    steps = [(size, 1) for size in sizes if size == cases or size >= FEWEST]
    if can_vary(params):
        steps += [(cases, repeats) for repeats in range(2, policy.repeats + 1)]
    answers = cases * steps[-1][1]
    error = 1 - policy.confidence
    shares = spent_at([size * repeats / answers for size, repeats in steps])
    return tuple(Look(*step, error * share) for step, share in zip(steps, shares, strict=True))


def can_vary(params: Mapping[str, Any]) -> bool:
    """Whether the model may answer the same question differently.

    At temperature 0 an embedded model does not; a provider's does now and then, too seldom for
    more answers to be worth their price.
    """
    return bool(params.get("temperature", 1))
