"""Does the answer fit a JSON Schema?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, field_validator

from landrace.errors import ConfigError
from landrace.metrics.base import AnswerMetric
from landrace.metrics.text import json_in, quote
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

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
        if schema is not None and (why := _why_no_schema(schema)):
            raise ValueError(why)
        return schema

    def check_expected(self, expected: Any) -> str | None:
        return None if self.json_schema is not None else _why_no_schema(expected)

    def score_answer(self, sample: Sample) -> Score:
        schema = sample.expected if self.json_schema is None else self.json_schema
        validator = _validator(schema)
        problems = _problems(validator, sample.answer)
        if problems and isinstance(sample.answer, str):
            parsed = json_in(sample.answer)
            if parsed is None:
                return Score(0.0, f"expected JSON, got {quote(sample.answer)}")
            problems = _problems(validator, parsed)
        if not problems:
            return Score(1.0)
        more = f"; and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
        return Score(0.0, "; ".join(problems[:_MOST_NAMED]) + more)


def _problems(validator: Validator, answer: Any) -> list[str]:
    from referencing.exceptions import Unresolvable  # noqa: PLC0415 - slow to import

    try:
        errors = sorted(validator.iter_errors(answer), key=lambda error: list(map(str, error.path)))
    except Unresolvable as error:
        raise ConfigError(
            f"a JSON Schema refers to {quote(error.ref)}, which is not in it",
            fix="Copy what it refers to into the schema.",
        ) from error
    return [f"{_place(error.path)}: {quote(error.message)[1:-1]}" for error in errors]


def _place(path: Any) -> str:
    return ".".join(map(str, path)) or "the whole answer"


def _validator(schema: dict[str, Any]) -> Validator:
    # Imported late because it is slow. The empty registry keeps it from fetching references.
    from jsonschema.validators import Draft7Validator, validator_for  # noqa: PLC0415
    from referencing import Registry  # noqa: PLC0415

    return validator_for(schema, default=Draft7Validator)(schema, registry=Registry())


def _why_no_schema(schema: Any) -> str | None:
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - slow to import

    if not isinstance(schema, dict):
        return f"it must be a JSON Schema, not {quote(schema)}"
    try:
        _validator(schema).check_schema(schema)
    except SchemaError as error:
        return f"it is no JSON Schema: {_place(error.path)}: {error.message}"
    return None
