"""Does the answer match a regular expression?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import as_text, quote
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample

MAX_CHARS = 20_000

_SPECIAL = frozenset(r"\.^$*+?{}[]|()")
_FLAGS = {"ignore_case": re.IGNORECASE, "multiline": re.MULTILINE, "dot_all": re.DOTALL}


class Regex(AnswerMetric):
    """1 if the answer matches `pattern`, or without it the expected pattern, else 0.

    Patterns are Python's `re`. They are trusted: nothing stops one that backtracks without
    end, so keep nested repetitions such as `(a+)+` out of them. An answer of more than 20,000
    characters is not matched and scores 0.
    """

    pattern: str | None = Field(default=None, description="One pattern for every case.")
    mode: Literal["search", "full"] = Field(
        default="search", description="Match anywhere in the answer, or the whole of it."
    )
    flags: tuple[Literal["ignore_case", "multiline", "dot_all"], ...] = Field(
        default=(), description="Python's flags of the same names."
    )

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None and (why := _why_no_pattern(pattern)):
            raise ValueError(why)
        return pattern

    def check_expected(self, expected: Any) -> str | None:
        if self.pattern is not None:
            return None
        if not isinstance(expected, str):
            return f"without the option `pattern` it must be a pattern, not {quote(expected)}"
        return _why_no_pattern(expected)

    def right_answer(self, expected: Any) -> Any:
        """The text that a pattern without special characters is; of other patterns nothing."""
        is_pattern = self.pattern is None and isinstance(expected, str)
        return None if is_pattern and _SPECIAL & set(expected) else expected

    def wanted(self, expected: Any) -> str:
        whole = "the whole of which" if self.mode == "full" else "that"
        return f"an answer {whole} matches the regular expression /{expected}/"

    def score_answer(self, sample: Sample) -> Score:
        source = sample.expected if self.pattern is None else self.pattern
        flags = sum(_FLAGS[flag] for flag in set(self.flags))
        pattern = re.compile(source, flags)
        text = as_text(sample.answer).strip()
        if len(text) > MAX_CHARS:
            return Score(0.0, f"expected at most {MAX_CHARS} characters, got {len(text)}")
        found = pattern.search(text) if self.mode == "search" else pattern.fullmatch(text)
        if found:
            return Score(1.0)
        where = "anywhere in" if self.mode == "search" else "as the whole of"
        return Score(0.0, f"expected /{source}/ {where} the answer, got {quote(text)}")


def _why_no_pattern(source: str) -> str | None:
    try:
        re.compile(source)
    except (re.error, OverflowError, RecursionError) as error:
        return f"{quote(source)} is no regular expression: {error}"
    return None
