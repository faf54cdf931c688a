"""What both sides are asked and graded by: cases in their shared order, and a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import InputError
from landrace.metrics import table as metrics
from landrace.metrics.base import MetricOptions
from landrace.metrics.python import Python
from landrace.store.cases import iter_cases
from landrace.store.inputs import CaseInputs
from landrace.store.project import CASES_FILE
from landrace.store.splits import assign_splits, position
from landrace.workflows.prompt_metric import metric_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.metrics.base import Metric
    from landrace.schemas.case import Case, Split
    from landrace.store.project import PromptSource

HOLDOUT: Split = "holdout"


class Suite(NamedTuple):
    """``cases`` have the inputs that their own prompt takes, ``written`` those of the file, to
    which each side adds its own defaults. ``metric_names`` are those of a score's parts, or of
    the one metric.
    """

    cases: tuple[Case, ...]
    metric: Metric
    metric_names: tuple[str, ...]
    written: tuple[Case, ...]


class UnfitError(InputError):
    """A side cannot take a case of the suite."""


def read_suite(source: PromptSource, *, holdout_only: bool) -> Suite:
    """A prompt's suite. The order is that of the hash, so that any first part is a fair sample.

    Raises:
        FormatError: a metric or its options are not known.
        CaseError: a case is wrong.
    """
    metric = metric_of(source)
    splits = source.config.splits
    cases: Sequence[Case] = source.eval_set(metric.check_expected).cases
    if holdout_only:
        chosen = assign_splits(cases, splits)
        cases = [case for case in cases if chosen[case.id] == HOLDOUT]
    ordered = sorted(cases, key=lambda case: (position(case, splits.seed), case.id))
    raw = as_written(source)
    written = tuple(raw.get(case.id, case) for case in ordered)
    return Suite(tuple(ordered), metric, metric_names(metric), written)


def as_written(source: PromptSource) -> dict[str, Case]:
    """The cases without defaults, by their ids; nothing where the prompt has no defaults."""
    inputs = source.config.inputs["properties"].values()
    if not any(isinstance(one, dict) and "default" in one for one in inputs):
        return {}
    return {case.id: case for case in iter_cases(source.folder / CASES_FILE)}


def adapted(cases: Sequence[Case], source: PromptSource) -> tuple[Case, ...]:
    """The cases with the inputs that a prompt of another commit takes.

    ``cases`` are as they are written. An input that the prompt does not declare is left out, one
    that it declares with a default gets it.

    Raises:
        UnfitError: an input is missing, or is of the wrong type.
    """
    declared = source.config.inputs["properties"]
    check = CaseInputs(source.config.inputs, prompt=source.name, where=source.name)
    found = []
    for case in cases:
        try:
            inputs = check({key: case.inputs[key] for key in case.inputs if key in declared})
        except InputError as error:
            raise UnfitError(f"case `{case.id}`: {error.problem}", where=source.name) from error
        found.append(case if inputs == case.inputs else case.model_copy(update={"inputs": inputs}))
    return tuple(found)


def metric_names(metric: Metric) -> tuple[str, ...]:
    """The names by which a policy's rules know a prompt's metrics."""
    if isinstance(metric, metrics.Combined):
        return tuple(part.name for part in metric.parts)
    return tuple(name for name, known in metrics.METRICS.items() if isinstance(metric, known))


def why_not_run(base: Metric | None, head: Metric) -> str:
    """Why head's metrics must not be run, or nothing; base may lack the prompt.

    Code of head is never run, and none of its judges is called that base does not call: who
    edits a judge's parameters could send the key elsewhere. Rubrics and options are data.
    """
    known = list(_parts(base)) if base else []
    code = [_code(metric) for metric in known if isinstance(metric, Python)]
    judges = [(judge.model, judge.params) for metric in known for judge in metric.judges]
    for metric in _parts(head):
        if isinstance(metric, Python) and _code(metric) not in code:
            return "the code of a grader changed, and code of head is not run"
        for judge in metric.judges:
            if (judge.model, judge.params) not in judges:
                return f"head asks a judge that base does not ask ({judge.model})"
    return ""


def _code(metric: Python) -> tuple[str, str]:
    """What a grader runs, wherever its file stands: not any function of base's, but the one."""
    return metric.function.partition(":")[2], metric.identity()["sha256"]


def _parts(metric: Metric) -> Iterator[MetricOptions]:
    if isinstance(metric, metrics.Combined):
        yield from (part.metric for part in metric.parts)
    elif isinstance(metric, MetricOptions):
        yield metric
