"""Was the call fast?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from landrace.metrics.base import MetricOptions
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample


class Latency(MetricOptions):
    """1 for an answer in no time, evenly down to 0 at the limit."""

    limit_s: float = Field(
        gt=0,
        allow_inf_nan=False,
        description="The wall time of one call, in seconds, that scores 0.",
    )

    def score(self, sample: Sample) -> Score:
        if sample.latency_s <= 0:
            return Score(1.0)
        value = max(0.0, 1 - sample.latency_s / self.limit_s)
        return Score(value, f"the call took {sample.latency_s:.3g} s of {self.limit_s:.3g} s")
