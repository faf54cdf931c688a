"""Hard ceilings."""

from __future__ import annotations

from pydantic import Field

from landrace.schemas.base import Strict


class Budget(Strict):
    """Hard ceilings for one cell, everything included; None is no ceiling."""

    calls: int | None = Field(default=None, ge=1)
    tokens: int | None = Field(default=None, ge=1)
    cost_usd: float | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, gt=0)
