"""Is the answer short enough, or as long as it should be?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import as_text
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample


class Length(AnswerMetric):
    """1 up to the limit, or at the target; evenly down to 0 at an error as large as that."""

    limit: int | None = Field(default=None, ge=1, description="The greatest length that scores 1.")
    target: int | None = Field(default=None, ge=1, description="The one length that scores 1.")
    unit: Literal["words", "chars", "tokens"] = Field(
        default="words", description="tokens are all that the model wrote, as it counts them."
    )

    @model_validator(mode="after")
    def _one_goal(self) -> Length:
        if (self.limit is None) == (self.target is None):
            raise ValueError("give exactly one of `limit` and `target`")
        return self

    def score_answer(self, sample: Sample) -> Score:
        size = self._size(sample)
        goal = self.limit or self.target or 1
        error = max(0, size - goal) if self.limit else abs(size - goal)
        if not error:
            return Score(1.0)
        wanted = "at most" if self.limit else "about"
        return Score(
            max(0.0, 1 - error / goal), f"expected {wanted} {goal} {self.unit}, got {size}"
        )

    def _size(self, sample: Sample) -> int:
        if self.unit == "tokens":
            return sample.usage.completion_tokens
        text = as_text(sample.answer)
        return len(text.split()) if self.unit == "words" else len(text)
