"""How sure one look must be when there are several.

The chance of error is spent over the looks in proportion to the squares of how much of all
planned answers is in by then (the power family of Kim and DeMets, 1987, Biometrika 74:149,
with exponent two), and the looks are added up by the union bound. So early looks stop only
what is clear, the last one keeps most of the level, and the whole stays valid however the
looks depend on each other. The usual boundaries assume increments of a Brownian motion, which
score intervals of few cases and repeats of the same cases are not; a confidence sequence would
be valid at every moment, and about twice as long at the few moments that we look at.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def spent_at(looks: Sequence[float]) -> list[float]:
    """The share of the whole chance of error that each look may use; they sum to one.

    ``looks`` are shares of the planned answers, rising, the last one 1.
    """
    return [later**2 - earlier**2 for earlier, later in pairwise([0.0, *looks])]
