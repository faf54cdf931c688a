"""Hard ceilings."""

from __future__ import annotations

from pydantic import Field

from landrace.schemas.base import Strict


class Budget(Strict):
    """Hard ceilings for one cell; null is no ceiling.

    `budget` bounds a search with its look at the holdout, `gate.budget` the comparison.
    """

    calls: int | None = Field(default=None, ge=1)
    tokens: int | None = Field(default=None, ge=1)
    cost_usd: float | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, gt=0)
