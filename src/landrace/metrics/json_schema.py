"""Does the answer fit a JSON Schema?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from landrace.metrics.base import AnswerMetric
from landrace.metrics.schema_fit import misfits, told, validator_of, why_no_schema
from landrace.metrics.text import as_text, json_in, quote
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from landrace.metrics.base import Sample

_MOST_NAMED = 5


class JsonSchema(AnswerMetric):
    """1 if the answer fits `schema`, or without it the expected schema, else 0.

    A reference inside the schema may point into the schema only; none is fetched.
    """

    reads_as = "JSON"

    json_schema: dict[str, Any] | None = Field(
        default=None, alias="schema", description="One JSON Schema for every case."
    )

    @field_validator("json_schema")
    @classmethod
    def _is_a_schema(cls, schema: dict[str, Any] | None) -> dict[str, Any] | None:
        if schema is not None and (why := why_no_schema(schema)):
            raise ValueError(why)
        return schema

    def check_expected(self, expected: Any) -> str | None:
        return None if self.json_schema is not None else why_no_schema(expected)

    def right_answer(self, expected: Any) -> Any:
        return None if self.json_schema is None else expected

    def wanted(self, expected: Any) -> str:
        return f"JSON that fits the schema {as_text(expected)}"

    def score_answer(self, sample: Sample) -> Score:
        schema = sample.expected if self.json_schema is None else self.json_schema
        validator = validator_of(schema)
        problems = misfits(validator, sample.answer)
        if problems and isinstance(sample.answer, str):
            parsed = json_in(sample.answer)
            if parsed is None:
                return Score(0.0, f"expected JSON, got {quote(sample.answer)}")
            problems = misfits(validator, parsed)
        if not problems:
            return Score(1.0)
        more = f"; and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
        return Score(0.0, "; ".join(map(told, problems[:_MOST_NAMED])) + more)
