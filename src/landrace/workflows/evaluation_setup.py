"""What `landrace eval` needs: the variant of each model, its metric and a stream of cases."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import CaseError, ConfigError, EvidenceError
from landrace.optimizers.variants import write_variant
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import ModelConfig
from landrace.store.splits import assign_splits
from landrace.workflows.plan import resolved
from landrace.workflows.prompt_metric import metric_of
from landrace.workflows.prompt_state import base_program
from landrace.workflows.rendering import check_variants
from landrace.workflows.tasks import read_in_work_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from landrace.evaluation.variant import Variant
    from landrace.metrics.base import Metric
    from landrace.optimizers.variants import Program
    from landrace.schemas.case import Case
    from landrace.store.project import Project, PromptSource


class EvaluationSetup(NamedTuple):
    """One prompt on one model; ``cases`` streams anew at each call."""

    prompt: str
    model: ModelConfig
    variant: Variant
    metric: Metric
    cases: Callable[[], Iterator[Case]]


def set_up(
    project: Project,
    prompt: str,
    *,
    models: Sequence[str],
    variant: str,
    split: str,
    cases: Path | None,
) -> list[EvaluationSetup]:
    """One set-up for each model; without ``models``, for each that a pipeline has.

    Every case is checked and rendered, so that a mistake in one costs no call.

    Raises:
        CaseError: a case is wrong, a variant does not render with it, or there is none.
        ConfigError: no pipeline names a model for this prompt.
        EvidenceError: a pinned variant is asked for, and there is none.
    """
    source = project.read_prompt(prompt)
    program = base_program(source)
    metric = metric_of(source)
    stream = _stream(source, metric, split, cases)
    served = variant == "pinned"
    setups = []
    for model in asked_models(project, source, models):
        asked, written = _pinned(project, program, model) if served else _base(program, model)
        setups.append(EvaluationSetup(prompt, asked, written, metric, stream))
    # A pass of its own, which costs no call and keeps no case: the last may be the bad one.
    variants = {setup.variant.digest: setup.variant for setup in setups}
    check_variants(source, tuple(variants.values()), stream(), cases)
    return setups


def asked_models(project: Project, source: PromptSource, asked: Sequence[str]) -> list[ModelConfig]:
    """The models with today's parameters; without ``asked``, each that a pipeline has.

    Of a pipeline's model, an alias will do.

    Raises:
        ConfigError: no pipeline names a model for this prompt.
    """
    known: dict[str, ModelConfig] = {}
    for name in project.pipelines():
        pipeline = project.read_pipeline(name)
        if source.name in pipeline.prompts:
            for model in pipeline.config.models:
                known.setdefault(model.id, model)
    if not asked and not known:
        raise ConfigError(
            f"no pipeline names a model for {source.name}",
            where="pipelines",
            fix="say which with --model ID",
        )
    aliased = {alias: model for model in known.values() for alias in model.aliases}
    models = ({**aliased, **known}.get(name) or ModelConfig(id=name) for name in asked or known)
    return [resolved(model, source.config) for model in models]


def _base(program: Program, model: ModelConfig) -> tuple[ModelConfig, Variant]:
    return model, write_variant(program, Candidate())


def _pinned(project: Project, program: Program, model: ModelConfig) -> tuple[ModelConfig, Variant]:
    pinned = read_in_work_tree(project, program.name, model.id)
    if pinned is None:
        raise EvidenceError(
            f"{program.name} has no pin for {model.id}",
            where="registry",
            fix="run `landrace optimize` first, or evaluate the base",
        )
    # Applications ask with the parameters that were proved.
    asked = model.model_copy(update={"params": dict(pinned.pin.model.params)})
    return asked, pinned.variant(program.main.path)


def _stream(
    source: PromptSource, metric: Metric, split: str, cases: Path | None
) -> Callable[[], Iterator[Case]]:
    """Cases as they are read; a split needs all of them first, for near-duplicates."""
    if split == "all":
        return partial(source.iter_eval_set, metric.check_expected, cases)
    whole = source.eval_set(metric.check_expected, cases).cases
    chosen = assign_splits(whole, source.config.splits)
    part = tuple(case for case in whole if chosen[case.id] == split)
    if not part:
        raise CaseError(
            f"no case falls into {split}",
            where=source.cases_name(cases),
            fix="add cases, or evaluate another split",
        )
    return lambda: iter(part)
