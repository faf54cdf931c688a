"""Every metric by its name, and building one out of a prompt's configuration.

CONTRIBUTING.md lists what a new one needs besides its row.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from landrace.digest import json_digest
from landrace.errors import FormatError
from landrace.metrics.base import MetricOptions, in_range
from landrace.metrics.bleu import Bleu
from landrace.metrics.contains import Contains
from landrace.metrics.cost import Cost
from landrace.metrics.exact_match import ExactMatch
from landrace.metrics.f1 import F1
from landrace.metrics.json_fields import JsonFields
from landrace.metrics.json_schema import JsonSchema
from landrace.metrics.latency import Latency
from landrace.metrics.length import Length
from landrace.metrics.llm_judge import LlmJudge
from landrace.metrics.numeric import Numeric
from landrace.metrics.one_of import OneOf
from landrace.metrics.python import Python
from landrace.metrics.regex import Regex
from landrace.metrics.rouge import Rouge
from landrace.metrics.similarity import Similarity
from landrace.schemas.prompt import MetricConfig
from landrace.schemas.score import Score

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from landrace.metrics.base import Judge, Metric, Sample

    # The place in a file of what a path leads to, such as ("metrics", 0, "metric").
    Locate = Callable[[tuple[int | str, ...]], str]

METRICS: dict[str, type[MetricOptions]] = {
    "exact_match": ExactMatch,
    "one_of": OneOf,
    "contains": Contains,
    "regex": Regex,
    "f1": F1,
    "numeric": Numeric,
    "json_schema": JsonSchema,
    "json_fields": JsonFields,
    "similarity": Similarity,
    "rouge": Rouge,
    "bleu": Bleu,
    "llm_judge": LlmJudge,
    "cost": Cost,
    "latency": Latency,
    "length": Length,
    "python": Python,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One metric of a combined score; ``name`` is unique in it."""

    name: str
    weight: float
    metric: MetricOptions


@dataclass(frozen=True, slots=True)
class Combined:
    """The weighted mean of several metrics; its feedback is that of the imperfect ones."""

    parts: tuple[Part, ...]

    @property
    def judges(self) -> tuple[Judge, ...]:
        """Those of all parts."""
        return tuple(judge for part in self.parts for judge in part.metric.judges)

    def score(self, sample: Sample) -> Score:
        """The score of all parts.

        Raises:
            ConfigError: a part gave a score that is not in 0..1.
        """
        scores = [(part, in_range(part.metric.score(sample), part.name)) for part in self.parts]
        total = math.fsum(part.weight for part in self.parts)
        value = math.fsum(part.weight * score.value for part, score in scores) / total
        notes = [
            f"{part.name}: {score.feedback}"
            for part, score in scores
            if score.value < 1 and score.feedback
        ]
        return Score(
            min(1.0, value), "\n".join(notes), {part.name: score.value for part, score in scores}
        )

    def check_expected(self, expected: Any) -> str | None:
        for part in self.parts:
            if why := part.metric.check_expected(expected):
                return f"{part.name}: {why}"
        return None

    def right_answer(self, expected: Any) -> Any:
        """What is right for each part; None where one of them has no answer."""
        answer = expected
        for part in self.parts:
            if part.metric.right_answer(expected) is None:
                return None
            answer = part.metric.right_answer(answer)
        return answer

    def wanted(self, expected: Any) -> str:
        """What those parts want that have no answer."""
        metrics = [part.metric for part in self.parts]
        without = [each for each in metrics if each.right_answer(expected) is None]
        return ", and ".join(each.wanted(expected) for each in without or metrics)


def build(
    configs: Sequence[MetricConfig], *, root: Path | None = None, where: Locate | None = None
) -> Metric:
    """The metric of a prompt: the one that is configured, or a `Combined` of several.

    ``root`` is the checkout that python metrics and rubric files are read from; give the base
    commit's, never the head's. Nothing is read or run before the first score or digest. With
    ``where`` errors say in which line of the file they are.

    Raises:
        FormatError: an unknown metric, an unknown option, or a bad value of one.
    """
    if not configs:
        raise FormatError("`metrics` is empty", fix="Name at least one metric.")
    metrics = [
        build_part(index, config, root=root, where=where) for index, config in enumerate(configs)
    ]
    if len(metrics) == 1:
        return metrics[0]
    names = _unique_names([config.metric for config in configs])
    weights = [config.weight for config in configs]
    return Combined(tuple(map(Part, names, weights, metrics)))


def digest(metric: Metric) -> str:
    """The hash of all that decides the scores: options, weights, rubrics, the user's code.

    Raises:
        LandraceError: a file that the options name cannot be read, or is to be Python and is not.
    """
    if isinstance(metric, Combined):
        return json_digest([[part.weight, _identity(part.metric)] for part in metric.parts])
    assert isinstance(metric, MetricOptions)  # `build` makes nothing else
    return json_digest(_identity(metric))


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft-07) of one entry of a prompt's `metrics`."""
    shared = MetricConfig.model_json_schema()["properties"]
    entries = []
    for name, metric in METRICS.items():
        own = metric.model_json_schema(by_alias=True)
        entries.append(
            {
                "title": name,
                "description": own["description"],
                "type": "object",
                "properties": {
                    "metric": {"const": name, "description": shared["metric"]["description"]},
                    "weight": shared["weight"],
                    **own.get("properties", {}),
                },
                "required": ["metric", *own.get("required", [])],
                "additionalProperties": False,
            }
        )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "metric",
        "description": "One metric of a prompt.",
        "oneOf": entries,
    }


def build_part(
    index: int, config: MetricConfig, *, root: Path | None = None, where: Locate | None = None
) -> MetricOptions:
    """The metric that stands at one place of the list. Arguments and errors as in `build`."""
    metric = METRICS.get(config.metric)
    if metric is None:
        raise FormatError(
            f"`metrics[{index}].metric`: there is no metric {config.metric!r}",
            where=where(("metrics", index, "metric")) if where else None,
            fix=_fix(config.metric, list(METRICS), "The metrics are"),
        )
    try:
        return metric.model_validate(config.options, context={"root": root})
    except ValidationError as error:
        found = _format_error(index, config.metric, metric, error)
        found.where = where(("metrics", index, *error.errors()[0]["loc"])) if where else None
        raise found from error


def _format_error(
    index: int, name: str, metric: type[MetricOptions], error: ValidationError
) -> FormatError:
    detail = error.errors(include_url=False, include_context=False)[0]
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in detail["loc"]]
    problem = detail["msg"].removeprefix("Value error, ")
    allowed = [field.alias or key for key, field in metric.model_fields.items()]
    fix = f"{name} takes {', '.join(allowed) or 'no options'}."
    if detail["type"] == "extra_forbidden":
        option = str(detail["loc"][0])
        problem = f"{name} has no option {option!r}"
        fix = _fix(option, allowed, f"{name} takes") if allowed else fix
    elif detail["type"] == "missing":
        problem = f"{name} needs this option"
    return FormatError(f"`metrics[{index}]{''.join(steps)}`: {problem}", fix=fix)


def _fix(wrong: str, allowed: list[str], listing: str) -> str:
    nearest = difflib.get_close_matches(wrong, allowed, n=1, cutoff=0.5)
    hint = f"Did you mean {nearest[0]!r}? " if nearest else ""
    return f"{hint}{listing} {', '.join(allowed)}."


def _unique_names(names: list[str]) -> list[str]:
    """The names, a repeated one with its number: contains, contains#2."""
    counted = [(name, names[: index + 1].count(name)) for index, name in enumerate(names)]
    return [name if count == 1 else f"{name}#{count}" for name, count in counted]


def _identity(metric: MetricOptions) -> dict[str, Any]:
    name = next(name for name, known in METRICS.items() if known is type(metric))
    return {"metric": name, **metric.identity()}
