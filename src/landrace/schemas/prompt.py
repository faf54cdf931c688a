"""``prompts/<name>/prompt.yaml``."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

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


class MetricConfig(Strict):
    """A metric by its name in the metrics table; its own options stand beside the name."""

    model_config = ConfigDict(extra="allow", frozen=True)

    metric: str = Field(description="A name from `landrace schema metrics`.")
    weight: float = Field(default=1.0, gt=0, description="Its share of the combined score.")

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class SplitConfig(Strict):
    """Shares of the eval set; a stable hash of a case's inputs decides where it falls."""

    search: float = Field(default=0.25, gt=0, lt=1)
    select: float = Field(default=0.35, gt=0, lt=1)
    holdout: float = Field(default=0.40, gt=0, lt=1)
    seed: int = 0
    min_cases: int = Field(
        default=8, ge=1, description="An optimizer refuses to run with a smaller split."
    )

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> SplitConfig:
        total = self.search + self.select + self.holdout
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares of search, select and holdout sum to {total:g}, not 1")
        return self


class PromptConfig(Strict):
    """The metadata of a prompt."""

    description: str = Field(min_length=1)
    template: str = Field(default="prompt.jinja", pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.jinja$")
    inputs: dict[str, Any] = Field(description="JSON Schema of the inputs, an object.")
    output: OutputContract = OutputContract()
    metrics: tuple[MetricConfig, ...] = Field(min_length=1)
    splits: SplitConfig = SplitConfig()

    @model_validator(mode="after")
    def _inputs_is_an_object(self) -> PromptConfig:
        if self.inputs.get("type") != "object" or not isinstance(
            self.inputs.get("properties"), dict
        ):
            raise ValueError("`inputs` must be a JSON Schema with `type: object` and `properties`")
        return self
