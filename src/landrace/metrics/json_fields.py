"""How many fields of a JSON answer are right?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import ROUNDING, allowed_error, is_number, json_in, quote, quote_name
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample

_MOST_NAMED = 8


class JsonFields(AnswerMetric):
    """The share of the expected object's fields that the answer has with the same value."""

    reads_as = "JSON"

    fields: dict[str, Annotated[float, Field(ge=0, le=1_000_000)]] = Field(
        default_factory=dict,
        description="Weights of fields; one that is not named weighs 1, and 0 leaves one out.",
    )
    ignore_case: bool = Field(default=False, description="For texts, at any depth.")
    abs_tolerance: float = Field(
        default=0.0, ge=0, allow_inf_nan=False, description="Error allowed in a number."
    )
    rel_tolerance: float = Field(
        default=ROUNDING,
        ge=0,
        le=1,
        description="Error allowed as a share of the expected number. Up to 1e-9 it is for "
        "rounding, and whole numbers must be equal.",
    )
    extra: Literal["allow", "penalise"] = Field(
        default="allow",
        description="Whether a field that is not expected counts as one wrong field.",
    )

    def check_expected(self, expected: Any) -> str | None:
        if not isinstance(expected, dict) or not expected:
            return f"it must be an object with fields, not {quote(expected)}"
        if not any(self._weight(name) for name in expected):
            return "all of its fields weigh 0"
        return None

    def score_answer(self, sample: Sample) -> Score:
        answer = json_in(sample.answer)
        if not isinstance(answer, dict):
            return Score(0.0, f"expected a JSON object, got {quote(sample.answer)}")
        expected = {name: want for name, want in sample.expected.items() if self._weight(name)}
        wrong = [name for name in expected if not self._right(name, expected, answer)]
        extra = [name for name in answer if name not in sample.expected]
        if self.extra == "allow":
            extra = []
        lost = math.fsum(self._weight(name) for name in wrong) + len(extra)
        total = math.fsum(self._weight(name) for name in expected) + len(extra)
        notes = [_note(name, expected, answer) for name in wrong]
        notes += [f"{quote_name(name)}: not expected, got {quote(answer[name])}" for name in extra]
        more = f"; and {len(notes) - _MOST_NAMED} more" if len(notes) > _MOST_NAMED else ""
        return Score(1 - lost / total, "; ".join(notes[:_MOST_NAMED]) + more)

    def _weight(self, name: str) -> float:
        return self.fields.get(name, 1.0)

    def _right(self, name: str, expected: dict[str, Any], answer: dict[str, Any]) -> bool:
        return name in answer and self._same(expected[name], answer[name])

    def _same(self, want: Any, got: Any) -> bool:
        if isinstance(want, str) and isinstance(got, str):
            return want == got or (self.ignore_case and want.casefold() == got.casefold())
        if is_number(want) and is_number(got):
            allowed = allowed_error(want, got, self.abs_tolerance, self.rel_tolerance)
            return bool(abs(got - want) <= allowed)
        if isinstance(want, list) and isinstance(got, list):
            return len(want) == len(got) and all(map(self._same, want, got))
        if isinstance(want, dict) and isinstance(got, dict):
            return want.keys() == got.keys() and all(self._same(want[k], got[k]) for k in want)
        # The types tell apart true and 1, which Python holds for equal.
        return type(want) is type(got) and bool(want == got)


def _note(name: str, expected: dict[str, Any], answer: dict[str, Any]) -> str:
    want = quote(expected[name])
    if name not in answer:
        return f"{quote_name(name)}: missing, expected {want}"
    return f"{quote_name(name)}: expected {want}, got {quote(answer[name])}"
