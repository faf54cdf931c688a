"""A baseline of the pytest plugin: how what was served when it was blessed scored, case by case.

Neither inputs nor outputs stand in it, and no clock time.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field, field_validator

from landrace.errors import FormatError
from landrace.schemas.base import Strict
from landrace.strict_json import At, json_object, parse

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

    ``variant`` and ``params`` tell what was asked; parameters whose keys are not in alphabetical
    order are a JSON text, since the file sorts keys. ``eval_set`` is the digest of the set's cases,
    ``metric`` that of all metrics with their weights, and ``metrics`` has each one's own.
    """

    schema_version: Literal[1]
    prompt: str
    model: str
    case_set: CaseSet
    kind: Literal["template", "pin"]
    variant: str
    params: dict[str, Any] | str
    eval_set: str
    metric: str
    metrics: dict[str, str]
    cases: tuple[BaselineCase, ...]

    @field_validator("params")
    @classmethod
    def _holds_params(cls, params: dict[str, Any] | str) -> dict[str, Any] | str:
        try:
            _params_in(params)
        except FormatError as error:
            raise ValueError(error.problem) from error
        return params

    @property
    def asked_params(self) -> dict[str, Any]:
        """The parameters in the order in which they were sent."""
        return _params_in(self.params)


def _params_in(params: dict[str, Any] | str) -> dict[str, Any]:
    at = At("params")
    return params if isinstance(params, dict) else json_object(parse(params, at.where), at)
