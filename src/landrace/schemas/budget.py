"""Hard ceilings."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from landrace.schemas.base import Strict, mapping_for


class Budget(Strict):
    """Hard ceilings for one cell; null is no ceiling.

    `budget` bounds a search with its look at the holdout, `gate.budget` the comparison.
    """

    calls: int | None = Field(default=None, ge=1)
    tokens: int | None = Field(default=None, ge=1)
    cost_usd: float | None = Field(default=None, gt=0)
    seconds: float | None = Field(default=None, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _no_bare_number(cls, value: Any) -> Any:
        return mapping_for("calls", value, int)
