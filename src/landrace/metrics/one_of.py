"""Is the answer one of those allowed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import accepted_texts, as_text, quote, quote_any
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample


class OneOf(AnswerMetric):
    """1 if the answer is one of `options`, or without them one of the expected list."""

    options: tuple[str, ...] = Field(default=(), description="The allowed answers.")
    ignore_case: bool = Field(default=False, description="Upper and lower case count as equal.")

    def check_expected(self, expected: Any) -> str | None:
        if self.options or accepted_texts(expected):
            return None
        return f"without `options` it must be a text or a list of texts, not {quote(expected)}"

    def score_answer(self, sample: Sample) -> Score:
        allowed = self.options or accepted_texts(sample.expected) or ()
        answer = self._fold(as_text(sample.answer))
        if any(answer == self._fold(item) for item in allowed):
            return Score(1.0)
        return Score(0.0, f"expected {quote_any(allowed)}, got {quote(sample.answer)}")

    def _fold(self, text: str) -> str:
        return text.strip().casefold() if self.ignore_case else text.strip()
