"""``pipelines/<name>.yaml``."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from landrace.schemas.base import Strict, mapping_for
from landrace.schemas.budget import Budget
from landrace.schemas.gate_policy import GatePolicy

__all__ = ["Budget", "ModelConfig", "PipelineConfig", "Policy", "Strategy", "Training"]


class ModelConfig(Strict):
    """A model by its litellm id (or ``local/<name>``), and how it is called."""

    id: str = Field(min_length=1, max_length=200)
    params: dict[str, Any] = Field(
        default_factory=dict,
        description="Decoding parameters in litellm's words: temperature, max_tokens, api_base, …",
    )
    aliases: tuple[str, ...] = Field(
        default=(), description="Other names under which applications ask for this model."
    )
    concurrency: int = Field(default=8, ge=1, le=1024, description="Most calls in flight at once.")


class Strategy(Strict):
    name: str = "auto"
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _no_bare_name(cls, value: Any) -> Any:
        return mapping_for("name", value, str)


class Policy(Strict):
    """When a winner may replace the incumbent, and what evidence is enough."""

    confidence: float = Field(
        default=0.95,
        gt=0.5,
        lt=1,
        description="Of every interval; the p of a gain must be at most 1 minus it, too.",
    )
    margin: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Score that may be given up for a prompt that saves `min_saving`.",
    )
    min_saving: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="Least share of prompt tokens a call that buys a loss within `margin`.",
    )
    max_growth: float | None = Field(
        default=None,
        gt=0,
        description="Prompt tokens a call of a winner as a multiple of what is served: 1.5 allows "
        "half as many again; null for any.",
    )
    min_coverage: float = Field(
        default=0.95, gt=0, le=1, description="Share of calls that must succeed."
    )


class Training(Strict):
    """An external command that trains the task model, for `landrace train`."""

    command: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        min_length=1, description="A program and its arguments; no shell reads them."
    )
    rounds: int = Field(
        default=1, ge=1, le=10, description="Runs of the command, each with a search after it."
    )
    timeout: float = Field(
        default=21_600, gt=0, description="Seconds after which a run of the command is killed."
    )
    environment: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=(),
        description="Names of variables that the command may see; of others it gets PATH, HOME "
        "and the like alone.",
    )


class PipelineConfig(Strict):
    """Which prompts are optimized for which models, how, and within what."""

    description: str = ""
    prompts: tuple[str, ...] = Field(
        min_length=1, description="Names, or glob patterns, of prompts."
    )
    models: tuple[ModelConfig, ...] = Field(min_length=1)
    strategy: Strategy = Strategy()
    proposer: ModelConfig | None = Field(
        default=None, description="The model that writes new instructions; default: the task model."
    )
    budget: Budget = Field(
        default=Budget(calls=600),
        description="Hard ceilings for optimizing one cell; without `calls`, its search takes at "
        "most four times as many as the least that makes sense.",
    )
    policy: Policy = Policy()
    gate: GatePolicy = GatePolicy()
    allowed_models: tuple[str, ...] = Field(
        default=(),
        description="Patterns such as `openai/gpt-5*` of models that a pull request may add to "
        "this pipeline and have optimized before it is merged.",
    )
    transfer: bool = Field(
        default=False,
        description="On a pull request, score each winner on the other models, too; that takes "
        "as many calls as the holdout has cases for each pair of models.",
    )
    training: Training | None = None
    seed: int = 0

    @field_validator("models", mode="before")
    @classmethod
    def _bare_ids(cls, value: Any) -> Any:
        if isinstance(value, list):
            return [{"id": item} if isinstance(item, str) else item for item in value]
        return value

    @field_validator("proposer", mode="before")
    @classmethod
    def _bare_id(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value
