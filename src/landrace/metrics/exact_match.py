"""Is the answer the expected one?"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import Field

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import (
    as_text,
    collapse_space,
    is_number,
    quote,
    strip_articles,
    strip_marks,
)
from landrace.parsers.words import words
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample

# Commas between groups of three only: 1,5 is 1.5 to many, and never 15.
_NUMBER = re.compile(r"[-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,4})?")


class ExactMatch(AnswerMetric):
    """1 if the answer equals the expected text, number or truth value, or one of a list."""

    ignore_case: bool = Field(default=False, description="Upper and lower case count as equal.")
    strip: bool = Field(default=True, description="White space at both ends does not count.")
    strip_punctuation: bool = Field(
        default=False,
        description="Quotes, markdown marks and punctuation at both ends do not count.",
    )
    strip_articles: bool = Field(default=False, description="The words a, an, the do not count.")
    collapse_space: bool = Field(default=False, description="Any white space equals one space.")

    def check_expected(self, expected: Any) -> str | None:
        accepted = expected if isinstance(expected, list) else [expected]
        if accepted and all(isinstance(x, (str, bool)) or is_number(x) for x in accepted):
            return None
        return (
            f"it must be a text, a number, true, false, or a list of those; not {quote(expected)}"
        )

    def right_answer(self, expected: Any) -> Any:
        """The expected value, or the first of a list."""
        return expected[0] if isinstance(expected, list) and expected else expected

    def score_answer(self, sample: Sample) -> Score:
        accepted = sample.expected if isinstance(sample.expected, list) else [sample.expected]
        if any(self._same(item, sample.answer) for item in accepted):
            return Score(1.0)
        listed = " or ".join(quote(item) for item in accepted[:5])
        feedback = f"expected {listed}, got {quote(sample.answer)}"
        hints = (_near_miss(as_text(item), as_text(sample.answer)) for item in accepted)
        hint = next(filter(None, hints), None)
        return Score(0.0, f"{feedback} ({hint})" if hint else feedback)

    def _same(self, expected: Any, answer: Any) -> bool:
        got = self._normal(as_text(answer))
        if isinstance(expected, bool):
            return got.casefold() == as_text(expected)
        if is_number(expected):
            return _is_written(got.strip(), expected)
        return got == self._normal(expected)

    def _normal(self, text: str) -> str:
        if self.strip:
            text = text.strip()
        if self.strip_punctuation:
            text = strip_marks(text)
        if self.strip_articles:
            text = strip_articles(text)
        if self.collapse_space:
            text = collapse_space(text)
        return text.casefold() if self.ignore_case else text


def _is_written(text: str, number: float) -> bool:
    """Whether a text is this number and nothing else."""
    if not _NUMBER.fullmatch(text):
        return False
    digits = text.replace(",", "")
    # As floats, whole numbers above 2**53, such as ids, would equal their neighbours.
    return (Decimal(digits) if isinstance(number, int) else float(digits)) == number


def _near_miss(expected: str, got: str) -> str | None:
    wanted, given = words(expected), words(got)
    if not wanted:
        return None
    if wanted == given:
        return "the difference is only in case, white space or punctuation"
    if f" {' '.join(wanted)} " in f" {' '.join(given)} ":
        return "the right words, but with more around them"
    return None
