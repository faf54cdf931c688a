"""A sample judged in one line, and one working example of every metric."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from landrace.gateway.base import Completion, Request
from landrace.metrics.base import Sample
from landrace.metrics.table import METRICS
from landrace.schemas.score import Score, Usage

ROOT = Path(__file__).parent / "data"


class Example(NamedTuple):
    options: dict[str, Any]
    expected: Any
    perfect: Any
    """An answer that deserves 1; the sample around it costs and takes nothing."""


class Examples(dict[str, Example]):
    """By the metric's name; says what is to be done where one is missing."""

    def __missing__(self, name: str) -> Example:
        raise LookupError(f"tests/metrics/metric_samples.py: add a row to EXAMPLES for {name!r}")


EXAMPLES = Examples(
    {
        "exact_match": Example({"ignore_case": True}, ["negative", "bad"], "Negative"),
        "one_of": Example({"options": ["yes", "no"]}, None, "no"),
        "contains": Example({"mode": "all"}, ["red", "blue"], "blue and red"),
        "regex": Example({"pattern": "^VK-[0-9]{5}$", "flags": ["ignore_case"]}, None, "vk-12345"),
        "f1": Example({}, "The cat sat.", "cat sat"),
        "numeric": Example({"abs_tolerance": 0.5, "graded": True}, 42, "about 42.3"),
        "json_schema": Example({"schema": {"type": "object", "required": ["a"]}}, None, {"a": 1}),
        "json_fields": Example({"fields": {"a": 2.0}}, {"a": 1, "b": None}, {"a": 1, "b": None}),
        "similarity": Example({"method": "token_sort_ratio"}, "red blue", "blue red"),
        "rouge": Example({"kind": "rouge2", "stem": True}, "the cats sat", "the cat sat"),
        "bleu": Example({"kind": "chrf"}, ["a cat", "the cat"], "the cat"),
        "llm_judge": Example({"model": "judge", "rubric": "Polite?"}, None, "Thank you."),
        "cost": Example({"limit_usd": 0.01}, None, "x"),
        "latency": Example({"limit_s": 2.0}, None, "x"),
        "length": Example({"limit": 3}, None, "three short words"),
        "python": Example({"function": "graders.py:same"}, "x", "x"),
    }
)


def approving_judge(request: Request) -> Completion:
    return Completion(json.dumps({"score": 5, "reason": "good"}))


def make(name: str, **options: Any):
    return METRICS[name].model_validate(options, context={"root": ROOT})


def sample(expected: Any, answer: Any, **fields: Any) -> Sample:
    output = answer if isinstance(answer, str) else json.dumps(answer)
    given = {
        "inputs": {"question": "?"},
        "output": output,
        "usage": Usage(cost_usd=0.0),
        "ask": approving_judge,
        **fields,
    }
    return Sample(expected=expected, answer=answer, **given)


def judged(name: str, expected: Any, answer: Any, **options: Any) -> Score:
    return make(name, **options).score(sample(expected, answer))
