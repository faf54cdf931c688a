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

    def ceiling(self, member: str) -> str:
        """One of the ceilings, for people."""
        amount = getattr(self, member)
        if member == "cost_usd":
            return f"the ceiling of ${amount:g}"
        # Seconds are a float: ten are not 10.0 for people, and a million calls not 1e+06.
        said = f"{amount:g}" if isinstance(amount, float) else amount
        return f"the ceiling of {said} {member}"
