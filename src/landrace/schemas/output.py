"""What a good answer is: the output contract of a prompt, or of one node of its program."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from landrace.schemas.base import Strict


class OutputContract(Strict):
    """What a good answer is, so that formats, parsers and metrics can agree on it."""

    type: Literal["text", "label", "number", "json"] = "text"
    labels: tuple[str, ...] | None = Field(
        default=None, description="The allowed answers of a `label` output."
    )
    json_schema: dict[str, Any] | None = Field(
        default=None, alias="schema", description="The JSON Schema of a `json` output."
    )

    max_tokens: int = Field(
        default=256,
        ge=1,
        le=100_000,
        description="The most tokens an answer needs; a model's own `params` may say otherwise.",
    )

    @model_validator(mode="after")
    def _labels_where_they_belong(self) -> OutputContract:
        if self.type == "label" and not self.labels:
            raise ValueError("an output of type label needs its `labels`")
        if self.type != "label" and self.labels:
            raise ValueError("`labels` belong to an output of type label")
        if self.type != "json" and self.json_schema:
            raise ValueError("`schema` belongs to an output of type json")
        return self
