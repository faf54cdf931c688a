"""What the gate can tell with the cases there are, without a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.gate.trials import applying
from landrace.stats import Pairs
from landrace.stats.power import cases_needed, detectable_drop
from landrace.stats.unseen import Weights
from landrace.store import files
from landrace.store.registry import cell_path
from landrace.workflows.gating.looks import planned_looks
from landrace.workflows.gating.suite import read_suite
from landrace.workflows.pinning import REPORT_DATA
from landrace.workflows.plan import resolved
from landrace.workflows.stored_reports import read_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.schemas.gate_policy import GatePolicy
    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import PipelineSource, Project
    from landrace.workflows.gating.suite import Suite

# Of the cases a reworded prompt answers otherwise; between what a comma and a rewrite do.
USUAL_NOISE = 0.15


class Power(NamedTuple):
    """One cell with its cases of one kind: all, holdout, or assumed to weigh as all do.

    ``noise`` is the variance of a case's difference without a drop (for binary scores: the
    share of cases that change either way), ``known`` tells whether a report measured it or it
    is assumed. ``detectable`` and ``needed`` are those of a gate's claim.
    """

    prompt: str
    model: str
    cases_from: str
    cases: int
    noise: float
    known: bool
    allowed: float
    detectable: float | None
    needed: int | None


class Assumptions(NamedTuple):
    """What to take instead of what the repository says; None takes that."""

    noise: float | None = None
    allowed_drop: float | None = None
    cases: int | None = None
    claims: int = 1


def power(
    project: Project,
    prompts: Sequence[str] = (),
    assumed: Assumptions = Assumptions(),  # noqa: B008 - frozen
) -> Iterator[Power]:
    """The power of each pipeline's cells on all cases (a template changed) and on the holdout
    (a pin changed); or on as many cases as are assumed. A rule about scores decides what may be
    lost: where a policy has none there is nothing to tell.

    Raises:
        LandraceError: a pipeline, a prompt or a report cannot be read.
    """
    seen: set[tuple[str, str]] = set()
    for name in project.pipelines():
        pipeline = project.read_pipeline(name)
        for prompt in pipeline.prompts:
            if not prompts or prompt in prompts:
                # Where two pipelines have a cell, the first decides, as it does in the gate.
                models = [m for m in pipeline.config.models if (prompt, m.id) not in seen]
                seen |= {(prompt, model.id) for model in models}
                yield from _of_prompt(project, pipeline, prompt, models, assumed)


def _of_prompt(
    project: Project,
    pipeline: PipelineSource,
    prompt: str,
    models: Sequence[ModelConfig],
    assumed: Assumptions,
) -> Iterator[Power]:
    source = project.read_prompt(prompt)
    suite = read_suite(source, holdout_only=False)
    allowed = _allowed(suite, pipeline.config.gate, assumed)
    if allowed is None:
        return
    holdout = read_suite(source, holdout_only=True)
    samples = {"all": _sample(suite), "holdout": _sample(holdout)}
    if assumed.cases:
        samples = {"assumed": samples["all"]._replace(cases=assumed.cases)}
    for model in models:
        noise, known, binary = _noise(project, prompt, model, assumed)
        for kind, (cases, weights) in samples.items():
            if cases == 0:
                continue
            spread = noise if weights is None else noise * weights.design_effect
            error = _last_error(cases, pipeline.config.gate, resolved(model, source.config))
            yield Power(
                prompt,
                model.id,
                kind,
                cases,
                round(noise, 6),
                known,
                allowed,
                detectable_drop(
                    cases=cases,
                    noise=spread,
                    allowed=allowed,
                    error=error / assumed.claims,
                    binary=binary,
                    weights=weights,
                ),
                cases_needed(
                    noise=spread, allowed=allowed, error=error, binary=binary, weights=weights
                ),
            )


class _Sample(NamedTuple):
    cases: int
    weights: Weights | None


def _sample(suite: Suite) -> _Sample:
    weights = [case.weight for case in suite.cases]
    return _Sample(len(weights), Weights.of(weights, len(weights)))


def _allowed(suite: Suite, policy: GatePolicy, assumed: Assumptions) -> float | None:
    """What the first rule about scores allows to be lost, or what is assumed."""
    if assumed.allowed_drop is not None:
        return assumed.allowed_drop
    rules = applying(suite.metric_names, policy.metrics)
    return next((rule.allowed_drop for rule in rules if not rule.is_raw), None)


def _last_error(cases: int, policy: GatePolicy, model: ModelConfig) -> float:
    return planned_looks(cases, policy, model.params)[-1].error


def _noise(
    project: Project, prompt: str, model: ModelConfig, assumed: Assumptions
) -> tuple[float, bool, bool]:
    """The noise, whether it was measured, and whether scores are binary."""
    if assumed.noise is not None:
        return assumed.noise, True, True
    path = f"{cell_path(prompt, model.id)}/{REPORT_DATA}"
    if not files.exists(project.root, path):
        return USUAL_NOISE, False, True
    report = read_report(project, prompt, model.id)
    compared = [one for one in report.comparisons if one.against == "base"]
    if not compared:
        return USUAL_NOISE, False, True
    ties = [0.0] * compared[0].ties
    pairs = Pairs(
        [flip.winner for flip in report.flips] + ties, [flip.base for flip in report.flips] + ties
    )
    return pairs.noise, True, pairs.binary
