"""Renders, asks, parses and scores: one job after the other, many at once."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import CallError, ConfigError, ParameterError
from landrace.evaluation.judging import longest_judgements
from landrace.evaluation.pool import ordered_map
from landrace.gateway.base import Message, Request
from landrace.gateway.metered import Foreseen
from landrace.metrics.base import Sample, in_range
from landrace.program.params import overlaid, param_problem
from landrace.program.run import drive
from landrace.redaction import redact
from landrace.schemas.score import Outcome, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from landrace.evaluation.variant import Variant
    from landrace.gateway.base import Completion, Gateway
    from landrace.metrics.base import Metric
    from landrace.program import Ask, Result, Step
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import ModelConfig
    from landrace.schemas.score import Score


class Job(NamedTuple):
    """One cell of the score table."""

    variant: Variant
    case: Case
    repeat: int = 0


class Evaluator:
    """Scores variants of one prompt on one model.

    A call that fails for good gives an outcome without a score: missing, never 0. So does a
    variant with parameters of its own that the model does not take: others go on.
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

    @property
    def model(self) -> str:
        """Who is asked, for people; the address, too, where the pipeline gives one."""
        address = self._model.params.get("api_base")
        return f"{self._model.id} at {redact(str(address))}" if address else self._model.id

    def foreseen(self, job: Job) -> Foreseen:
        """What the job asks first, and what it can ask after that, judges among it.

        Raises:
            TemplateError: the variant does not render with the case's inputs.
        """
        asks = job.variant.program.first_asks(job.case.inputs)
        requests = tuple(self._request(ask, job.repeat) for ask in asks)
        graph, params = job.variant.program.graph, self._model.params
        judging = tuple(longest_judgements(self._metric, graph, params, job.case))
        return Foreseen(requests, job.variant.calls - len(requests), judging)

    def _request(self, ask: Ask, repeat: int) -> Request:
        _check_decoding(ask)
        return Request(
            self._model.id,
            tuple(Message(message["role"], message["content"]) for message in ask.messages),
            overlaid(self._model.params, ask.params),
            repeat,
        )

    def outcomes(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """The jobs' outcomes, in order.

        Raises:
            ModelError: the model cannot be called at all.
            BudgetExhaustedError: a ceiling ended the run.
            ConfigError: the metric gave a score that is not in 0..1.
        """
        return ordered_map(
            self.run, jobs, workers=self._model.concurrency, seconds_left=self._seconds_left
        )

    def run(self, job: Job) -> Outcome:
        """One job, in the caller's thread."""
        answers = _Answers(self._gateway.complete)
        try:
            result = drive(
                job.variant.program.run(job.case.inputs),
                lambda ask: answers(self._request(ask, job.repeat)),
            )
            return self._scored(job, result, answers)
        except CallError as error:
            return _failed(job, answers, error)
        except ParameterError as error:
            if not job.variant.tries_params:
                raise
            return replace(_failed(job, answers, error), is_unfit=True)

    def _scored(self, job: Job, result: Result, answers: _Answers) -> Outcome:
        sample = Sample(
            inputs=job.case.inputs,
            expected=job.case.expected,
            output=result.output or "",
            answer=result.answer,
            usage=answers.usage,
            latency_s=answers.latency_s,
            ask=self._gateway.complete,
        )
        score = in_range(self._metric.score(sample), type(self._metric).__name__)
        return Outcome(
            job.variant.digest,
            job.case.id,
            job.repeat,
            output=sample.output,
            answer=result.answer,
            score=_told(score, job, result),
            usage=answers.usage,
            latency_s=answers.latency_s,
            trace=() if job.variant.is_plain else _marked(result.steps, answers.cuts),
            asked=tuple(answers.asked),
            is_cut=answers.cuts[-1:] == [True],
        )


def _failed(job: Job, answers: _Answers, error: CallError | ParameterError) -> Outcome:
    return Outcome(
        job.variant.digest,
        job.case.id,
        job.repeat,
        output=None,
        answer=None,
        score=None,
        usage=answers.usage,
        latency_s=answers.latency_s,
        error=str(error),
        is_refused=isinstance(error, ParameterError) or error.is_refusal,
    )


def _told(score: Score, job: Job, result: Result) -> Score:
    """The score, with the node whose output could not be read; a plain prompt has only one."""
    if result.failure is None or job.variant.is_plain:
        return score
    return replace(score, feedback=f"{result.failure}. {score.feedback}".strip())


def _marked(steps: tuple[Step, ...], cuts: Sequence[bool]) -> tuple[Step, ...]:
    """The steps, each that was answered with whether its call was cut off; calls in their order."""
    told = iter(cuts)
    return tuple(
        step if step.output is None else step._replace(is_cut=next(told)) for step in steps
    )


def _check_decoding(ask: Ask) -> None:
    """Let a variant never say where a call goes, however its graph came to be."""
    for name, value in ask.params.items():
        if problem := param_problem(name, value):
            raise ConfigError(f"`{name}` of the node `{ask.node}` {problem.text}", fix=problem.fix)


class _Answers:
    """Asks one call after the other, and adds up what they take."""

    def __init__(self, complete: Callable[[Request], Completion]) -> None:
        self._complete = complete
        self.usage = Usage()
        self.latency_s = 0.0
        self.asked: list[str] = []
        self.cuts: list[bool] = []  # of each that was asked

    def __call__(self, request: Request) -> str:
        completion = self._complete(request)
        # Of a plain prompt, the usage of the one call as it is.
        self.usage = self.usage + completion.usage if self.asked else completion.usage
        self.asked.append(completion.key or request.digest)
        self.cuts.append(completion.is_cut)
        self.latency_s += completion.latency_s
        return completion.text
