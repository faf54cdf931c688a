"""Which cells need work, why, and what it can cost at most. Nothing is called here."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from landrace.digest import text_digest
from landrace.errors import ConfigError, FormatError
from landrace.program.params import overlaid
from landrace.store import files
from landrace.store.registry import cell_path
from landrace.strict_json import near_fix
from landrace.workflows.fingerprints import FingerprintsOf
from landrace.workflows.freshness import stale_reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.pin import Pin
    from landrace.schemas.pipeline import ModelConfig, PipelineConfig
    from landrace.schemas.prompt import PromptConfig
    from landrace.store.project import PipelineSource, Project
    from landrace.workflows.fingerprints import Known


@dataclass(frozen=True)
class Selection:
    """Which pipelines, prompts and models; patterns as in pipelines, empty means all."""

    pipelines: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    force: bool = field(default=False)


class PlannedCell(NamedTuple):
    """A cell and why it needs work; no ``reasons`` means that its evidence is fresh."""

    prompt: str
    model: ModelConfig
    pipeline: PipelineSource
    reasons: tuple[str, ...]


def plan(
    project: Project, selection: Selection, pins: Mapping[tuple[str, str], Pin]
) -> list[PlannedCell]:
    """The selected cells, by pipeline, prompt and the pipeline's order of models.

    Raises:
        ConfigError: a name matches nothing, or two pipelines claim a cell.
        LandraceError: a pipeline or a prompt cannot be read.
    """
    known = FingerprintsOf(project)
    planned: dict[tuple[str, str], PlannedCell] = {}
    for pipeline in _pipelines(project, selection):
        for prompt in pipeline.prompts:
            if not _selected(prompt, selection.prompts):
                continue
            state = known(prompt)
            for model in _models(pipeline.config, state.config, selection):
                cell = (prompt, model.id)
                _refuse_two_claims(planned.get(cell), pipeline)
                reasons = _reasons(project, pins.get(cell), state, model, pipeline.config)
                if selection.force and not reasons:
                    reasons = ["asked for"]
                planned[cell] = PlannedCell(prompt, model, pipeline, tuple(reasons))
    known.save()
    _refuse_nothing(planned, selection, project)
    return list(planned.values())


def resolved(model: ModelConfig, config: PromptConfig) -> ModelConfig:
    """The model with the decoding parameters that calls for this prompt are made with."""
    defaults = {"temperature": 0, "max_tokens": config.output.max_tokens}
    return model.model_copy(update={"params": overlaid(defaults, model.params)})


def _reasons(
    project: Project,
    pin: Pin | None,
    state: Known,
    model: ModelConfig,
    pipeline: PipelineConfig,
) -> list[str]:
    if pin is None:
        return ["there is no pin yet"]
    reasons = stale_reasons(pin, state, params=model.params, pipeline=pipeline)
    if not reasons and _is_edited(project, pin):
        reasons = ["the pinned variant was edited by hand"]
    return reasons


def _is_edited(project: Project, pin: Pin) -> bool:
    """Whether a variant file is not the one that its pin names; its pin is not read again."""
    folder = cell_path(pin.prompt, pin.model.id)
    return any(_is_other(project, f"{folder}/{name}", digest) for name, digest in pin.files.items())


def _is_other(project: Project, path: str, digest: str) -> bool:
    if not files.exists(project.root, path):
        return True
    try:
        return text_digest(files.read_text(project.root, path)) != digest
    except FormatError:  # it is no text at all
        return True


def _pipelines(project: Project, selection: Selection) -> Iterator[PipelineSource]:
    names = project.pipelines()
    if not names:
        raise ConfigError(
            "there is no pipeline", where="pipelines", fix="`landrace init` writes a first one"
        )
    for name in selection.pipelines:
        if name not in names:
            raise ConfigError(
                f"there is no pipeline `{name}`",
                where="pipelines",
                fix=near_fix(name, names) or f"there are {', '.join(names)}",
            )
    for name in selection.pipelines or names:
        yield project.read_pipeline(name)


def _models(
    pipeline: PipelineConfig, config: PromptConfig, selection: Selection
) -> Iterator[ModelConfig]:
    for model in pipeline.models:
        if _selected(model.id, selection.models):
            yield resolved(model, config)


def _selected(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _refuse_two_claims(before: PlannedCell | None, pipeline: PipelineSource) -> None:
    if before is not None:
        raise ConfigError(
            f"{before.prompt} on {before.model.id} stands in two pipelines, "
            f"{before.pipeline.name} and {pipeline.name}",
            where=pipeline.document.where(("models",)),
            fix="leave it in one of them, or choose one with --pipeline",
        )


def _refuse_nothing(
    planned: Mapping[tuple[str, str], PlannedCell], selection: Selection, project: Project
) -> None:
    if planned:
        return
    if selection.prompts and not any(
        _selected(name, selection.prompts) for name in project.prompts()
    ):
        asked = selection.prompts[0]
        fix = near_fix(asked, project.prompts()) or f"there are {', '.join(project.prompts())}"
        raise ConfigError(f"there is no prompt `{asked}`", where="prompts", fix=fix)
    raise ConfigError(
        "no pipeline has such a cell",
        where="pipelines",
        fix="look at the names that you asked for; `landrace plan` lists all cells",
    )
