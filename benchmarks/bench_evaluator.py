"""What an evaluation costs beyond the model: time in flight, time a call, memory.

Run with ``python benchmarks/bench_evaluator.py``. Every model here is a fake in this process.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from landrace.evaluation.evaluator import Evaluator, Job
from landrace.evaluation.variant import Variant
from landrace.gateway.base import Completion
from landrace.gateway.cached import CachedGateway
from landrace.gateway.connect import connect
from landrace.gateway.metered import Meter, MeteredGateway
from landrace.ledger import Ledger
from landrace.metrics.exact_match import ExactMatch
from landrace.program import Graph
from landrace.reports.text import table
from landrace.schemas.case import Case
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.schemas.score import Usage
from landrace.store.cases import iter_cases
from landrace.template import compile_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.gateway.base import Gateway, Request

IN_FLIGHT = 256
LATENCY_S = 0.05
THROUGHPUT_CALLS = 40 * IN_FLIGHT
REPEATS = 5
OVERHEAD_CALLS = 400
WARM_UP = 50  # first calls fill caches on both sides
PROVIDED = "openai/gpt-5-mini"
MEMORY_CASES = (1_000, 100_000)

SOURCE = """\
{% system %}
Name the intent of the customer's message. Answer with the intent alone.
{% endsystem %}
{% user %}
{{ message }}
{% enduser %}
"""
ANSWER = "card_arrival"


class Result(NamedTuple):
    """One line of the table."""

    what: str
    measured: str


class Fake:
    """Answers after a pause. The shipped fake keeps every request, which is not ours to measure."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self._latency_s = latency_s

    def complete(self, request: Request) -> Completion:
        del request
        if self._latency_s:
            time.sleep(self._latency_s)
        return Completion(ANSWER, usage=Usage(40, 4, 0.0), latency_s=self._latency_s)


def main() -> None:
    results = [*throughput(), *overhead(), *memory()]
    print(table(("evaluation", "measured"), results))


def throughput() -> list[Result]:
    """The least time that calls of 50 ms, 256 in flight, can take, as a share of the time taken."""
    shares: dict[str, list[float]] = {"evaluator alone": [], "with ledger and meter": []}
    ideal = math.ceil(THROUGHPUT_CALLS / IN_FLIGHT) * LATENCY_S
    for _ in range(REPEATS):
        shares["evaluator alone"].append(ideal / _seconds(Fake(LATENCY_S)))
        # A ledger that has seen the calls would answer them.
        with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "ledger") as ledger:
            stack = _stack(Fake(LATENCY_S), ledger)
            shares["with ledger and meter"].append(ideal / _seconds(stack))
    return [
        Result(
            f"{IN_FLIGHT} in flight of {1000 * LATENCY_S:.0f} ms, share of ideal, {name}",
            f"{statistics.median(found):.0%} ({min(found):.0%} to {max(found):.0%})",
        )
        for name, found in shares.items()
    ]


def overhead() -> list[Result]:
    """What one call takes through landrace and through litellm alone, in turns.

    The gateway refuses ``mock_response``, rightly, so litellm itself is told to mock: both sides
    call the same function, and no provider is reached.
    """
    # Before litellm is first imported, else its import calls out.
    environment = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "OPENAI_API_KEY": "none-is-needed"}
    with (
        tempfile.TemporaryDirectory() as folder,
        Ledger(Path(folder) / "ledger") as ledger,
        connect() as gateway,
        patch.dict(os.environ, environment),
    ):
        import litellm

        mocked = partial(litellm.completion, mock_response=ANSWER)
        evaluator = Evaluator(_stack(gateway, ledger), ModelConfig(id=PROVIDED), ExactMatch())
        with patch.object(litellm, "completion", mocked):
            pairs = [_timed_pair(mocked, evaluator, job) for job in _jobs(OVERHEAD_CALLS)]
    bare, ours = zip(*pairs[WARM_UP:], strict=True)
    added = [through - alone for alone, through in pairs[WARM_UP:]]
    return [
        Result("one call of litellm alone, mocked", _spread(bare)),
        Result("the same call through landrace", _spread(ours)),
        Result("landrace on top of litellm", _spread(added)),
    ]


def memory() -> list[Result]:
    """Peak memory of a process that evaluates so many cases, read from a file as they come."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, maxtasksperchild=1) as pool:
        peaks = {cases: pool.apply(_peak_megabytes, (cases,)) for cases in MEMORY_CASES}
    few, many = MEMORY_CASES
    growth = 1e6 * (peaks[many] - peaks[few]) / (many - few)
    return [
        *(Result(f"eval of {cases:,} cases, peak", f"{mb:.0f} MB") for cases, mb in peaks.items()),
        Result("growth a case", f"{growth:.0f} bytes"),
    ]


def _timed_pair(
    completion: Callable[..., object], evaluator: Evaluator, job: Job
) -> tuple[float, float]:
    messages = job.variant.first_messages(job.case.inputs)
    start = time.perf_counter()
    completion(model=PROVIDED, messages=messages)
    middle = time.perf_counter()
    outcome = evaluator.run(job)
    end = time.perf_counter()
    assert outcome.score is not None, outcome.error
    return middle - start, end - middle


def _stack(inner: Gateway, ledger: Ledger) -> MeteredGateway:
    return MeteredGateway(CachedGateway(inner, ledger), Meter(Budget()), study="bench")


def _jobs(number: int) -> Iterator[Job]:
    variant = _variant()
    return (Job(variant, case) for case in _cases(number))


def _variant() -> Variant:
    graph = Graph.plain({}, {"kind": "text"})
    return Variant.plain("bench", SOURCE, compile_template(SOURCE), graph)


def _cases(number: int) -> Iterator[Case]:
    return (
        Case(
            id=f"case-{n}",
            inputs={"message": f"Order {n}: my card is still not here, two weeks on."},
            expected=ANSWER,
        )
        for n in range(number)
    )


def _seconds(gateway: Gateway) -> float:
    model = ModelConfig(id="fake/model", concurrency=IN_FLIGHT)
    evaluator = Evaluator(gateway, model, ExactMatch())
    jobs = list(_jobs(THROUGHPUT_CALLS))
    start = time.perf_counter()
    scored = sum(outcome.score is not None for outcome in evaluator.outcomes(jobs))
    taken = time.perf_counter() - start
    assert scored == THROUGHPUT_CALLS
    return taken


def _peak_megabytes(cases: int) -> float:
    """Runs in a process of its own, whose peak is this evaluation's."""
    from landrace.workflows.evaluate import evaluate
    from landrace.workflows.services import Services

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.jsonl"
        with file.open("w", encoding="utf-8") as lines:
            for case in _cases(cases):
                lines.write(json.dumps(case.model_dump(exclude_defaults=True)) + "\n")
        with Ledger(Path(folder) / "ledger.jsonl") as ledger:
            found = evaluate(
                _variant(),
                iter_cases(file),
                model=ModelConfig(id="fake/model"),
                metric=ExactMatch(),
                budget=Budget(),
                services=Services(Fake(), ledger),
                on_outcome=lambda _outcome, _spent: None,
            )
        assert found.scored == cases
    return _own_peak_kilobytes() / 1e3


def _own_peak_kilobytes() -> int:
    """Linux only. ``getrusage`` will not do: its peak is inherited from the parent process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def _spread(seconds: Sequence[float]) -> str:
    low, middle, high = (1000 * part for part in statistics.quantiles(seconds, n=4))
    return f"{middle:.2f} ms (quartiles {low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
