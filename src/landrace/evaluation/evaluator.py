"""Renders, asks, parses and scores: one job after the other, many at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.errors import CallError
from landrace.evaluation.pool import ordered_map
from landrace.gateway.base import Message, Request
from landrace.metrics.base import Sample
from landrace.parsers import ParseFailure, parse
from landrace.schemas.score import Outcome, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from landrace.gateway.base import Completion, Gateway
    from landrace.metrics.base import Metric
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import ModelConfig
    from landrace.template import Compiled


class Variant(NamedTuple):
    """A candidate written out: what is rendered, and what reads the answer."""

    digest: str
    source: str
    template: Compiled
    parser: Mapping[str, Any]


class Job(NamedTuple):
    """One cell of the score table."""

    variant: Variant
    case: Case
    repeat: int = 0


class Evaluator:
    """Scores variants of one prompt on one model.

    A call that fails for good gives an outcome without a score: missing, never 0.
    """

    def __init__(
        self,
        gateway: Gateway,
        model: ModelConfig,
        metric: Metric,
        *,
        seconds_left: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._gateway = gateway
        self._model = model
        self._metric = metric
        self._seconds_left = seconds_left

    def request(self, job: Job) -> Request:
        """What the job asks.

        Raises:
            TemplateError: the variant does not render with the case's inputs.
        """
        messages = job.variant.template.render(job.case.inputs)
        return Request(
            self._model.id,
            tuple(Message(message["role"], message["content"]) for message in messages),
            self._model.params,
            job.repeat,
        )

    def outcomes(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """The jobs' outcomes, in order.

        Raises:
            ModelError: the model cannot be called at all.
            BudgetExhaustedError: a ceiling ended the run.
        """
        return ordered_map(
            self.run, jobs, workers=self._model.concurrency, seconds_left=self._seconds_left
        )

    def run(self, job: Job) -> Outcome:
        """One job, in the caller's thread."""
        try:
            completion = self._gateway.complete(self.request(job))
            return self._judge(job, completion)
        except CallError as error:
            return Outcome(
                job.variant.digest,
                job.case.id,
                job.repeat,
                output=None,
                answer=None,
                score=None,
                usage=Usage(),
                latency_s=0.0,
                error=str(error),
            )

    def _judge(self, job: Job, completion: Completion) -> Outcome:
        try:
            answer = parse(job.variant.parser, completion.text)
        except ParseFailure:
            answer = None
        sample = Sample(
            inputs=job.case.inputs,
            expected=job.case.expected,
            output=completion.text,
            answer=answer,
            usage=completion.usage,
            latency_s=completion.latency_s,
            ask=self._gateway.complete,
        )
        return Outcome(
            job.variant.digest,
            job.case.id,
            job.repeat,
            output=completion.text,
            answer=answer,
            score=self._metric.score(sample),
            usage=completion.usage,
            latency_s=completion.latency_s,
        )
