"""Proving offline that each pin is unedited, and that its evidence is about what is there now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from landrace.errors import ConfigError, EvidenceError, LandraceError, RefusedError
from landrace.runtime.cell import load_cell
from landrace.runtime.choices import load_choices
from landrace.runtime.folder import REGISTRY, RegistryFolder
from landrace.store import files
from landrace.store.project import PIPELINES, PROMPTS, Project
from landrace.workflows.fingerprints import Known
from landrace.workflows.freshness import stale_reasons
from landrace.workflows.plan import resolved
from landrace.workflows.prompt_state import prompt_state

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from landrace.pin import Pin
    from landrace.schemas.pipeline import ModelConfig, PipelineConfig
    from landrace.store.project import PipelineSource

Status: TypeAlias = Literal["fresh", "stale", "missing", "refused", "unreadable"]

_EXIT_CODES: dict[Status, int] = {
    "fresh": 0,
    "stale": EvidenceError.exit_code,
    "missing": EvidenceError.exit_code,
    "unreadable": ConfigError.exit_code,
    "refused": RefusedError.exit_code,
}
# A variant edited by hand is worse than a mistake in a file, and that than old evidence.
_WORST_FIRST: tuple[Status, ...] = ("refused", "unreadable", "missing", "stale")


class VerifiedCell(NamedTuple):
    """One cell: what its pin is worth, and why it is worth less than it should be."""

    prompt: str
    model: str
    status: Status
    reasons: tuple[str, ...]
    variant: str | None


class Wanted(NamedTuple):
    """A cell as a pipeline asks for it."""

    model: ModelConfig
    pipeline: PipelineConfig


def verify(
    root: Path, prompts: Sequence[str] = (), models: Sequence[str] = ()
) -> list[VerifiedCell]:
    """Every cell that a pipeline asks for or the registry holds, sorted by prompt and model.

    Names narrow it: only these prompts, only these models.

    Raises:
        ConfigError: a pipeline cannot be read, or there is no prompt or pin of a given name.
        RefusedError: there is a symbolic link.
    """
    project = Project(root)
    files.refuse_links_below(root, REGISTRY)
    registry = RegistryFolder(str(root / REGISTRY))
    wanted = wanted_by(project.read_pipeline(name) for name in project.pipelines())
    cells = set(wanted)
    for prompt in registry.prompts():
        cells |= {(prompt, model) for model in registry.models(prompt)}
    _check_names(project, cells, prompts, models)
    verifier = Verifier(project, registry)
    return [
        verifier.cell(prompt, model, wanted.get((prompt, model)))
        for prompt, model in sorted(cells)
        if (not prompts or prompt in prompts) and (not models or model in models)
    ]


def exit_code(cells: Sequence[VerifiedCell]) -> int:
    """Of the worst cell: 3 refused, 2 unreadable, 4 missing or stale, else 0."""
    found = {cell.status for cell in cells}
    return next((_EXIT_CODES[status] for status in _WORST_FIRST if status in found), 0)


def _check_names(
    project: Project,
    cells: Collection[tuple[str, str]],
    prompts: Sequence[str],
    models: Sequence[str],
) -> None:
    """Refuse to narrow to what is not there: a slip would verify nothing, and succeed."""
    known = {prompt for prompt, _ in cells} | set(project.prompts())
    for name in prompts:
        if name not in known:
            raise ConfigError(f"there is neither a prompt nor a pin of `{name}`", where=PROMPTS)
    for name in models:
        if name not in {model for _, model in cells}:
            raise ConfigError(f"no pipeline and no pin names the model `{name}`", where=PIPELINES)


def wanted_by(pipelines: Iterable[PipelineSource]) -> dict[tuple[str, str], Wanted]:
    """Every cell that pipelines ask for, as the first of them does."""
    found: dict[tuple[str, str], Wanted] = {}
    for pipeline in pipelines:
        for prompt in pipeline.prompts:
            for model in pipeline.config.models:
                found.setdefault((prompt, model.id), Wanted(model, pipeline.config))
    return found


def said(root: Path, error: LandraceError) -> str:
    """An error that begins with its file, named from the root of the repository."""
    return str(error).removeprefix(f"{root}{os.sep}")


class Verifier:
    """Verifies cells; a prompt is read once, however many models it is pinned for.

    ``prompts`` are the names of those that are there. Raises like `Project.prompts`.
    """

    def __init__(self, project: Project, registry: RegistryFolder) -> None:
        self._project = project
        self._registry = registry
        self.prompts = frozenset(project.prompts())
        self._known: dict[str, Known | LandraceError] = {}

    def cell(self, prompt: str, model: str, wanted: Wanted | None) -> VerifiedCell:
        status, reasons, variant = self._status(prompt, model, wanted)
        return VerifiedCell(prompt, model, status, tuple(reasons), variant)

    def _status(
        self, prompt: str, model: str, wanted: Wanted | None
    ) -> tuple[Status, list[str], str | None]:
        try:
            cell = load_cell(self._registry, prompt, model)
            if cell is not None:
                load_choices(self._registry, cell.pin)
        except LandraceError as error:
            status: Status = "refused" if isinstance(error, RefusedError) else "unreadable"
            return status, [said(self._project.root, error)], None
        if cell is None:
            return "missing", ["it has never been pinned"], None
        variant = cell.pin.variant
        if prompt not in self.prompts:
            return "stale", ["the prompt is gone"], variant
        known = self._read(prompt)
        if isinstance(known, LandraceError):
            return "unreadable", [said(self._project.root, known)], variant
        reasons = _reasons(cell.pin, known, wanted)
        return ("stale" if reasons else "fresh"), reasons, variant

    def _read(self, prompt: str) -> Known | LandraceError:
        if prompt not in self._known:
            try:
                source = self._project.read_prompt(prompt)
                self._known[prompt] = Known.of(prompt_state(source))
            except LandraceError as error:
                self._known[prompt] = error
        return self._known[prompt]


def _reasons(pin: Pin, known: Known, wanted: Wanted | None) -> list[str]:
    if wanted is None:
        return stale_reasons(pin, known, params=pin.model.params)
    params = resolved(wanted.model, known.config).params
    return stale_reasons(pin, known, params=params, pipeline=wanted.pipeline)
