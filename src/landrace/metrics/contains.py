"""Does the answer contain what it should?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import accepted_texts, as_text, quote, quote_any
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample


class Contains(AnswerMetric):
    """1 if the expected texts, all or any of them, stand in the answer, else 0."""

    mode: Literal["all", "any"] = Field(
        default="all", description="Whether all expected texts are needed, or any one."
    )
    ignore_case: bool = Field(default=False, description="Upper and lower case count as equal.")

    def check_expected(self, expected: Any) -> str | None:
        texts = accepted_texts(expected)
        if texts is None or not all(texts):
            return f"it must be a text or a list of texts, none empty; not {quote(expected)}"
        return None

    def right_answer(self, expected: Any) -> Any:
        """The text that has to stand in the answer; of several that all have to, no single one."""
        texts = accepted_texts(expected)
        if texts is None or not isinstance(expected, list):
            return expected
        return texts[0] if self.mode == "any" or len(texts) == 1 else None

    def wanted(self, expected: Any) -> str:
        texts = ", ".join(map(quote, accepted_texts(expected) or ()))
        return f"an answer that contains each of {texts}"

    def score_answer(self, sample: Sample) -> Score:
        expected = accepted_texts(sample.expected) or ()
        answer = self._fold(as_text(sample.answer))
        missing = tuple(text for text in expected if self._fold(text) not in answer)
        got = f"got {quote(sample.answer)}"
        if not missing or (self.mode == "any" and len(missing) < len(expected)):
            return Score(1.0)
        if self.mode == "any":
            return Score(0.0, f"expected the answer to contain {quote_any(missing)}, {got}")
        listed = ", ".join(quote(text) for text in missing[:5])
        return Score(
            0.0, f"missing {listed} ({len(missing)} of {len(expected)} expected texts), {got}"
        )

    def _fold(self, text: str) -> str:
        return text.casefold() if self.ignore_case else text
