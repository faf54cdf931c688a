"""What a metric is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from landrace.errors import CaseError, ConfigError
from landrace.gateway.base import Completion, Request
from landrace.metrics.text import as_text, quote
from landrace.schemas.base import Strict
from landrace.schemas.score import Score, Usage

Ask = Callable[[Request], Completion]


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer to score.

    ``output`` is the model's raw text, ``answer`` what the format's parser made of it: a
    str, or a dict or list for a json output, or None where the parser failed. A list that a model
    writes is so a list of a prompt with a json output, and a str such as ``["red"]`` of one with
    a text output, which `text.json_in` reads. ``ask`` calls a judge model; it is None where none
    may be called.
    """

    inputs: dict[str, Any]
    expected: Any
    output: str
    answer: Any
    usage: Usage = field(default_factory=Usage)
    latency_s: float = 0.0
    ask: Ask | None = None


class Judge(Protocol):
    """A model that a metric asks, once for each scoring at most."""

    @property
    def model(self) -> str: ...

    @property
    def params(self) -> dict[str, Any]: ...

    def longest_request(
        self, inputs: Mapping[str, Any], expected: Any, answer_bytes: float
    ) -> Request:
        """The longest that it can be asked about a case whose answer has so many bytes."""


class Labels(Protocol):
    """What cases' `expected` say of right answers."""

    def right_answer(self, expected: Any) -> Any:
        """See `MetricOptions.right_answer`."""

    def wanted(self, expected: Any) -> str:
        """See `MetricOptions.wanted`."""


class Metric(Labels, Protocol):
    @property
    def judges(self) -> tuple[Judge, ...]: ...

    def score(self, sample: Sample) -> Score: ...

    def check_expected(self, expected: Any) -> str | None: ...


def in_range(score: Score, name: str) -> Score:
    """The score as it is.

    Raises:
        ConfigError: it is not in 0..1, which all that adds up and compares scores goes by.
    """
    if not 0 <= score.value <= 1:
        raise ConfigError(
            f"the metric {name} gave a score of {score.value}, which is not in 0..1",
            fix="Make it give 0 for the worst answer and 1 for the best.",
        )
    return score


class MetricOptions(Strict):
    """Base of every metric: its fields are its options, its dump is its identity."""

    @property
    def judges(self) -> tuple[Judge, ...]:
        """Whom one scoring asks: nobody, unless the metric says so. All that plans or bounds
        calls goes by this, so a metric that asks without it breaks the ceilings' promise.
        """
        return ()

    def score(self, sample: Sample) -> Score:
        raise NotImplementedError

    def check_expected(self, expected: Any) -> str | None:
        """Why ``expected`` is of no use to this metric, or None. Called on load."""
        del expected
        return None

    def right_answer(self, expected: Any) -> Any:
        """The answer that examples show where a case expects this; None where it is no answer.

        Of a list of texts the first is shown, unless the output is JSON.
        """
        return expected

    def wanted(self, expected: Any) -> str:
        """What a right answer is, in words for a proposer, where `right_answer` is None."""
        return f"an answer that suits {as_text(expected)}"

    def identity(self) -> dict[str, Any]:
        """Everything that decides this metric's scores, as JSON."""
        return self.model_dump(mode="json", by_alias=True)


class AnswerMetric(MetricOptions):
    """Base of the metrics that score the answer itself: one that cannot be read scores 0.

    ``reads_as`` is what its feedback then calls the answer: with "a JSON list" it says "the output
    could not be read as a JSON list".
    """

    reads_as: ClassVar[str] = "an answer"

    def score(self, sample: Sample) -> Score:
        """The answer's score.

        Raises:
            CaseError: the case's ``expected`` is of no use to this metric.
        """
        if why := self.check_expected(sample.expected):
            raise CaseError(f"a case's `expected` does not suit its metric: {why}")
        if sample.answer is None:
            start = quote(sample.output) if sample.output.strip() else "nothing"
            return Score(0.0, f"the output could not be read as {self.reads_as}; got {start}")
        return self.score_answer(sample)

    def score_answer(self, sample: Sample) -> Score:
        """The score of an answer that is not None, to an ``expected`` that was checked."""
        raise NotImplementedError
