"""Is the answer's number near enough?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import ROUNDING, allowed_error, is_number, number_in, quote
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample


class Numeric(AnswerMetric):
    """1 if the last number in the answer is the expected one within a tolerance, else 0."""

    reads_as = "a number"

    abs_tolerance: float = Field(
        default=0.0, ge=0, allow_inf_nan=False, description="Error allowed, in the answer's unit."
    )
    rel_tolerance: float = Field(
        default=ROUNDING,
        ge=0,
        le=1,
        description="Error allowed as a share of the expected number. Up to 1e-9 it is for "
        "rounding, and whole numbers must be equal.",
    )
    graded: bool = Field(
        default=False,
        description="Beyond the tolerance, fall evenly to 0 at an error as large as the "
        "expected number (1 where that is 0) instead of at once.",
    )

    def check_expected(self, expected: Any) -> str | None:
        if number_in(expected) is None:
            return f"it must be a number, not {quote(expected)}"
        return None

    def score_answer(self, sample: Sample) -> Score:
        want, got = number_in(sample.expected), number_in(sample.answer)
        assert want is not None
        if got is None:
            return Score(0.0, f"expected {want}, got no number in {quote(sample.answer)}")
        error = abs(got - want)
        tolerance = allowed_error(want, got, self.abs_tolerance, self.rel_tolerance)
        if error <= tolerance:
            return Score(1.0)
        value = max(0.0, 1 - error / (abs(want) or 1)) if self.graded else 0.0
        side = "high" if got > want else "low"
        allowed = f", {tolerance:g} is allowed" if tolerance > abs(want) * 1e-6 else ""
        # Two numbers that a float can hold may lie further apart than one can hold.
        apart = f"{error:g}" if is_number(error) else "over 1e+308"
        return Score(value, f"expected {want}, got {got} ({apart} too {side}{allowed})")
