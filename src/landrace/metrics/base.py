"""What a metric is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from landrace.gateway.base import Completion, Request
from landrace.schemas.base import Strict
from landrace.schemas.score import Score, Usage

Ask = Callable[[Request], Completion]


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer to judge.

    ``output`` is the model's raw text, ``answer`` what the format's parser made of it: a
    str, or a dict or list for a json output, or None where the parser failed. ``ask`` calls a
    judge model; it is None where none may be called.
    """

    inputs: dict[str, Any]
    expected: Any
    output: str
    answer: Any
    usage: Usage = field(default_factory=Usage)
    latency_s: float = 0.0
    ask: Ask | None = None


class Metric(Protocol):
    def score(self, sample: Sample) -> Score: ...


class MetricOptions(Strict):
    """Base of every metric: its fields are its options, its dump is its identity."""

    def score(self, sample: Sample) -> Score:
        raise NotImplementedError

    def check_expected(self, expected: Any) -> str | None:
        """Why ``expected`` is of no use to this metric, or None. Called on load."""
        del expected
        return None
