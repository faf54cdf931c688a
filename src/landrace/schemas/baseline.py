"""A baseline of the pytest plugin: how what was served when it was blessed scored, case by case.

Neither inputs nor outputs stand in it, and no clock time.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field

from landrace.schemas.base import Strict

CaseSet: TypeAlias = Literal["all", "holdout"]


class ScoredAnswer(Strict):
    """One answer to a case: its combined score in 0..1, those of several metrics by name, and
    the measures of the call that the gate policy asks about; None where one is not known.
    """

    score: float = Field(ge=0, le=1)
    parts: dict[str, float] = Field(default_factory=dict)
    measures: dict[str, int | float | None] = Field(default_factory=dict)


class BaselineCase(Strict):
    """A case with its answers, one for each repeat; ``digest`` is that of inputs and expected."""

    id: str
    digest: str
    answers: tuple[ScoredAnswer, ...] = Field(min_length=1)


class Baseline(Strict):
    """The blessed scores of one prompt on one model, on one set of its cases.

    ``variant`` and ``params`` tell what was asked. ``eval_set`` is the digest of the set's cases,
    ``metric`` that of all metrics with their weights, and ``metrics`` has each one's own.
    """

    schema_version: Literal[1]
    prompt: str
    model: str
    case_set: CaseSet
    kind: Literal["template", "pin"]
    variant: str
    params: dict[str, Any]
    eval_set: str
    metric: str
    metrics: dict[str, str]
    cases: tuple[BaselineCase, ...]
