"""How alike are the answer and the expected text, letter by letter?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import accepted_texts, as_text, check_texts, quote
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample

MAX_CHARS = 10_000


class Similarity(AnswerMetric):
    """Edit similarity by rapidfuzz, the best of a list; the first 10,000 characters count."""

    method: Literal["ratio", "partial_ratio", "token_sort_ratio", "token_set_ratio", "WRatio"] = (
        Field(
            default="ratio",
            description="ratio compares as is, partial_ratio the best matching part, "
            "token_sort_ratio and token_set_ratio words in any order, WRatio a blend of all.",
        )
    )
    ignore_case: bool = Field(default=False, description="Upper and lower case count as equal.")

    def check_expected(self, expected: Any) -> str | None:
        return check_texts(expected)

    def score_answer(self, sample: Sample) -> Score:
        from rapidfuzz import fuzz  # noqa: PLC0415 - no import cost for those who don't use it

        ratio = getattr(fuzz, self.method)
        answer = self._fold(as_text(sample.answer))
        scored = {
            text: ratio(self._fold(text), answer) / 100
            for text in accepted_texts(sample.expected) or ()
        }
        best = max(scored, key=lambda text: scored[text])
        if scored[best] == 1:
            return Score(1.0)
        return Score(
            scored[best],
            f"expected {quote(best)}, got {quote(sample.answer)} ({scored[best]:.2f} alike)",
        )

    def _fold(self, text: str) -> str:
        text = text.strip()[:MAX_CHARS]
        return text.casefold() if self.ignore_case else text
