"""The mistakes of one pipeline: in its models, its prompts' judges, its strategy and its gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.gateway import catalogue, connect, decoding
from landrace.gateway.litellm_errors import missing_key
from landrace.metrics.table import METRICS, build
from landrace.naming import model_dirname
from landrace.optimizers.option_error import NotInstalledError
from landrace.optimizers.strategy import suits_all
from landrace.optimizers.table import STRATEGIES
from landrace.schemas.gate_policy import COMBINED, RAW_MEASURES
from landrace.strict_json import near_fix
from landrace.workflows.findings import Finding, error, mistake, warning
from landrace.workflows.prompt_state import base_program
from landrace.workflows.strategy_options import check_options, option_problems, options_read
from landrace.workflows.tasks import read_committed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import PipelineSource, Project, PromptSource


def check_pipeline(source: PipelineSource, *, ready: bool) -> Iterator[Finding]:
    """Everything that is wrong with a pipeline that could be read. Nothing is called.

    With ``ready`` a key or a model file that this machine lacks is an error, else a warning.
    """
    yield from _strategy_findings(source)
    yield from _gate_findings(source)
    first: dict[str, int] = {}
    for index, model in enumerate(source.config.models):
        where = source.document.where(("models", index))
        yield from _model_findings(model, where, ready=ready)
        if first.setdefault(model.id, index) != index:
            yield mistake(where, f"the model `{model.id}` stands twice", "keep one of them")
    if source.config.proposer:
        where = source.document.where(("proposer",))
        yield from _model_findings(source.config.proposer, where, ready=ready)


def check_judges_of(source: PromptSource, *, ready: bool) -> Iterator[Finding]:
    """What keeps the judges of a prompt from being called; what else is wrong with its metrics
    is found where the prompt is looked at.
    """
    for index, config in enumerate(source.config.metrics):
        where = source.document.where(("metrics", index))
        try:
            judges = build([config], root=source.root).judges
        except LandraceError:
            continue
        for judge in judges:
            yield from _call_findings(judge.model, judge.params, where, ready=ready)


def check_options_for(
    project: Project, source: PipelineSource, prompt: PromptSource, *, ready: bool
) -> Iterator[Finding]:
    """What options of the strategy fit nothing of a prompt, or of what is served of it.

    With ``ready`` what they need and this machine lacks is an error, else a warning.

    What is wrong with the options or the prompt by themselves is found where those are looked at.
    """
    strategy = STRATEGIES.get(source.config.strategy.name)
    if strategy is None or strategy.check is suits_all:
        return
    try:
        options, program = options_read(source), base_program(prompt)
    except LandraceError:
        return
    pins = (read_committed(project, prompt.name, model.id) for model in source.config.models)
    served = [pinned.candidate("incumbent") for pinned in pins if pinned]
    try:
        check_options(source, options, program, served, source.config.models)
    except NotInstalledError as found:
        finding = mistake if ready else warning
        yield finding(found.where or source.document.name, found.problem, found.fix)
    except LandraceError as found:
        yield error(found, source.document.name)


def _model_findings(model: ModelConfig, where: str, *, ready: bool) -> Iterator[Finding]:
    try:
        model_dirname(model.id)
    except LandraceError as found:
        yield mistake(where, f"{model.id}: {found.problem}", found.fix)
        return
    yield from _call_findings(model.id, model.params, where, ready=ready)


def _call_findings(
    model: str, params: Mapping[str, Any], where: str, *, ready: bool
) -> Iterator[Finding]:
    try:
        connect.check_model(model, params)
    except LandraceError as found:
        harmless = not ready and _only_this_machine(model, params, found)
        finding = warning if harmless else mistake
        yield finding(where, f"{model}: {found.problem}", found.fix)


def _only_this_machine(model: str, params: Mapping[str, Any], found: LandraceError) -> bool:
    """Whether the model can be called where there is its key, or its file."""
    if not catalogue.is_local(model):
        return found.problem == missing_key(model, ()).problem
    try:
        decoding.check_params(params, model)
        catalogue.digest_of(model)
    except LandraceError:
        return False
    return True


def _gate_findings(source: PipelineSource) -> Iterator[Finding]:
    """A rule about a metric that no prompt can have would never be applied."""
    known = (COMBINED, *RAW_MEASURES, *METRICS)
    for index, rule in enumerate(source.config.gate.metrics):
        if rule.metric not in known:
            yield mistake(
                source.document.where(("gate", "metrics", index, "metric")),
                f"the gate has a rule about `{rule.metric}`, which no metric is called",
                near_fix(rule.metric, known) or f"the names are {', '.join(known)}",
            )


def _strategy_findings(source: PipelineSource) -> Iterator[Finding]:
    try:
        misfits = option_problems(source)
    except LandraceError as found:
        yield error(found, source.document.name)
        return
    for misfit in misfits:
        yield mistake(source.document.where(misfit.path), misfit.line, misfit.fix)
