"""Was the call cheap?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from landrace.metrics.base import MetricOptions
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample


class Cost(MetricOptions):
    """1 for a free call, evenly down to 0 at the limit; 0 where no price is known."""

    limit_usd: float = Field(
        gt=0, allow_inf_nan=False, description="The cost of one call that scores 0."
    )

    def score(self, sample: Sample) -> Score:
        cost = sample.usage.cost_usd
        if cost is None:
            return Score(0.0, "no price is known for this model, so its cost cannot be judged")
        if cost <= 0:
            return Score(1.0)
        value = max(0.0, 1 - cost / self.limit_usd)
        return Score(value, f"the call cost ${cost:.3g} of a limit of ${self.limit_usd:.3g}")
