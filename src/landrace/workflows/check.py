"""Finding every mistake in prompts, cases, pipelines and pins, without a single model call."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import ConfigError, FormatError, LandraceError
from landrace.schemas.pipeline import PipelineConfig
from landrace.schemas.prompt import PromptConfig
from landrace.store.project import PIPELINES, PROMPTS, Project
from landrace.store.yaml import read_yaml
from landrace.strict_json import near_fix
from landrace.workflows.check_aliases import check_aliases
from landrace.workflows.check_margin import check_margin
from landrace.workflows.check_pins import check_pins
from landrace.workflows.check_pipeline import check_judges_of, check_options_for, check_pipeline
from landrace.workflows.check_prompt import check_prompt
from landrace.workflows.findings import Finding, error, misfits, mistake
from landrace.workflows.prices import check_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pydantic import BaseModel

    from landrace.store.project import PipelineSource, PromptSource


class Checked(NamedTuple):
    """The names of what was looked at, and what was found."""

    prompts: tuple[str, ...]
    pipelines: tuple[str, ...]
    pins: int
    findings: list[Finding]


def check(root: Path, prompts: Sequence[str] = (), *, ready: bool = False) -> Checked:
    """Look at everything, or at ``prompts`` (names or patterns) and their pins alone.

    With ``ready`` a key, a model file or a parser that this machine lacks is an error, else a
    warning.

    Raises:
        ConfigError: no prompt has one of the names.
    """
    project = Project(root)
    findings: list[Finding] = []
    names = _listed(project.prompts, PROMPTS, findings)
    chosen = _chosen(names, prompts) if prompts else names
    pipelines = () if prompts else _listed(project.pipelines, PIPELINES, findings)
    sources: dict[str, PromptSource] = {}
    for name in chosen:
        findings += _prompt(project, name, sources)
    findings += _Pipelines(project, sources, ready=ready).findings(pipelines)
    pins, pin_findings = check_pins(root, known=names, only=chosen if prompts else None)
    return Checked(chosen, pipelines, pins, list(dict.fromkeys(findings + pin_findings)))


def _listed(
    read: Callable[[], tuple[str, ...]], folder: str, findings: list[Finding]
) -> tuple[str, ...]:
    try:
        return read()
    except LandraceError as found:
        findings.append(error(found, folder))
        return ()


def _chosen(names: tuple[str, ...], patterns: Sequence[str]) -> tuple[str, ...]:
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            raise ConfigError(
                f"there is no prompt `{pattern}`",
                where=PROMPTS,
                fix=near_fix(pattern, names) or f"there are {', '.join(names) or 'none'}",
            )
    return tuple(name for name in names if any(fnmatch.fnmatch(name, p) for p in patterns))


def _prompt(project: Project, name: str, sources: dict[str, PromptSource]) -> Iterator[Finding]:
    """What is wrong with a prompt; if it can be read it is put among ``sources``."""
    file = f"{PROMPTS}/{name}/prompt.yaml"
    try:
        source = project.read_prompt(name)
    except FormatError as found:
        yield from _misfits(project, PromptConfig, file, found)
    except LandraceError as found:
        yield error(found, file)
    else:
        sources[name] = source
        yield from check_prompt(source)


class _Pipelines:
    """Looks at pipelines, at what they are to their prompts, and to each other."""

    def __init__(
        self, project: Project, prompts: Mapping[str, PromptSource], *, ready: bool
    ) -> None:
        self._project = project
        self._prompts = prompts
        self._ready = ready
        self._claims: dict[tuple[str, str], str] = {}

    def findings(self, names: Sequence[str]) -> Iterator[Finding]:
        sources = []
        for name in names:
            file = f"{PIPELINES}/{name}.yaml"
            try:
                source = self._project.read_pipeline(name)
            except FormatError as found:
                yield from _misfits(self._project, PipelineConfig, file, found)
            except LandraceError as found:
                yield error(found, file)
            else:
                yield from check_pipeline(source, ready=self._ready)
                yield from self._with_prompts(source)
                known = [self._prompts[name] for name in source.prompts if name in self._prompts]
                yield from check_prices(source, known)
                yield from self._second_claims(source)
                sources.append(source)
        yield from check_aliases(self._project.root, sources)

    def _with_prompts(self, source: PipelineSource) -> Iterator[Finding]:
        """What is found of a prompt's judges in two pipelines is the same, and counts once."""
        for name in source.prompts:
            prompt = self._prompts.get(name)
            if prompt is not None:
                yield from check_judges_of(prompt, ready=self._ready)
                yield from check_options_for(self._project, source, prompt, ready=self._ready)
                yield from check_margin(source, prompt)

    def _second_claims(self, source: PipelineSource) -> Iterator[Finding]:
        """One finding for each other pipeline that has cells of this one."""
        cells = [(prompt, model.id) for prompt in source.prompts for model in source.config.models]
        rivals: dict[str, tuple[str, str]] = {}
        for cell in cells:
            owner = self._claims.setdefault(cell, source.name)
            if owner != source.name:
                rivals.setdefault(owner, cell)
        for owner, (prompt, model) in rivals.items():
            yield mistake(
                source.document.where(("models",)),
                f"{prompt} on {model} stands in the pipeline {owner}, too",
                "leave each prompt and model in one pipeline",
            )


def _misfits(
    project: Project, model: type[BaseModel], file: str, found: FormatError
) -> list[Finding]:
    try:
        document = read_yaml(project.root / file, file)
    except LandraceError:
        return [error(found, file)]
    return misfits(model, document, found)
