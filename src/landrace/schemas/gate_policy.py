"""The gate policy of a pipeline: what a change may cost, and how sure the answer must be."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, field_validator, model_validator

from landrace.schemas.base import Strict
from landrace.schemas.budget import Budget

Direction: TypeAlias = Literal["higher", "lower"]
Severity: TypeAlias = Literal["blocker", "warning"]

COMBINED = "score"
RAW_MEASURES = ("prompt_tokens", "completion_tokens", "cost_usd", "latency_s")


class Rule(Strict):
    """What the gate asks of one metric."""

    metric: str = Field(
        default=COMBINED,
        description="`score` for the combined score, the name of one of the prompt's metrics, or "
        "a measure of calls: prompt_tokens, completion_tokens, cost_usd, latency_s.",
    )
    allowed_drop: float = Field(
        default=0.05,
        ge=0,
        le=10,
        description="How much worse the head may be: in score, below 1 (0.05 is 5 points of "
        "100), or for a measure of calls as a share of the base's mean.",
    )
    floor: float | None = Field(
        default=None,
        description="The worst mean that the head may have, whatever the base has; for "
        "`direction: lower` the highest.",
    )
    direction: Direction | None = Field(
        default=None,
        description="Which way is better; default: higher for scores, lower for measures.",
    )
    severity: Severity = Field(
        default="blocker", description="Whether a failure blocks, or is only told."
    )

    @model_validator(mode="after")
    def _scores_end_at_one(self) -> Rule:
        if self.is_raw:
            return self
        if self.allowed_drop >= 1:
            raise ValueError(
                "must allow a drop below 1, or nothing could fail: 0.05 is 5 points of 100"
            )
        if self.floor is not None and not 0 <= self.floor <= 1:
            raise ValueError("must have a floor between 0 and 1: 0.8 is 80 points of 100")
        return self

    @property
    def is_raw(self) -> bool:
        """Whether the metric is a measure of calls, in its own unit, and no score."""
        return self.metric in RAW_MEASURES

    @property
    def higher_is_better(self) -> bool:
        return not self.is_raw if self.direction is None else self.direction == "higher"


class GatePolicy(Strict):
    """When a change passes, fails, or cannot be told."""

    metrics: tuple[Rule, ...] = Field(default=(Rule(),), min_length=1)
    confidence: float = Field(
        default=0.95,
        gt=0.5,
        lt=1,
        description="Of each interval, over all looks; and 1 minus it is the most that the "
        "chance of any false FAIL in a run may be.",
    )
    looks: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        default=(0.5, 1.0),
        min_length=1,
        max_length=10,
        description="After which shares of the cases the evidence is judged; what is decided by "
        "then costs no more calls.",
    )
    repeats: int = Field(
        default=3,
        ge=1,
        le=20,
        description="Most answers to one case. More than one is asked only where a verdict is "
        "open after all cases, and where the model can answer differently.",
    )
    min_coverage: float = Field(
        default=0.95, gt=0, le=1, description="Share of calls that must succeed on either side."
    )
    severe_drop: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="How much worse a case that is marked critical must get to block by itself.",
    )
    inconclusive: Literal["warn", "block"] = Field(
        default="warn", description="What an INCONCLUSIVE blocker does to the exit code."
    )
    budget: Budget = Field(
        default=Budget(), description="Hard ceilings for gating one cell, on pull requests as well."
    )

    @field_validator("looks")
    @classmethod
    def _looks_rise_to_all(cls, looks: tuple[float, ...]) -> tuple[float, ...]:
        if list(looks) != sorted(set(looks)) or looks[-1] != 1:
            raise ValueError("must rise and end with 1, such as [0.5, 1]")
        return looks

    @model_validator(mode="after")
    def _each_metric_once(self) -> GatePolicy:
        names = [rule.metric for rule in self.metrics]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"has two rules about `{twice}`; put them into one")
        return self
