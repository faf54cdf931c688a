"""Which cells a pull request leaves to be done, and why. Nothing is called here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from landrace.errors import ConfigError, FormatError, IntegrityError
from landrace.runtime.folder import REGISTRY
from landrace.store.registry import cell_path
from landrace.workflows.fingerprints import Known
from landrace.workflows.freshness import stale_reasons
from landrace.workflows.gating.suite import why_not_run
from landrace.workflows.plan import PlannedCell, resolved
from landrace.workflows.pull_request.mandate import mandate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import PipelineSource
    from landrace.workflows.gating.changes import Revisions
    from landrace.workflows.prompt_state import PromptState
    from landrace.workflows.pull_request.standing import EvidenceCheck, Standing
    from landrace.workflows.tasks import Pinned

Kind: TypeAlias = Literal["optimize", "measure", "nothing"]


class Work(NamedTuple):
    """A cell and what it needs: a search and a comparison with base, or the latter alone.

    The reasons are the cell's; a cell that needs nothing has none. ``standing`` is that of its
    evidence, where its pin is up to date and head has touched it. Such a pin is searched anew
    where what it tells of its search cannot be believed.
    """

    cell: PlannedCell
    kind: Kind
    standing: Standing | None = None


class Scope(NamedTuple):
    """The cells that a pull request touches; ``notes`` are sentences without a full stop."""

    cells: tuple[Work, ...]
    notes: tuple[str, ...]

    @property
    def work(self) -> tuple[Work, ...]:
        return tuple(one for one in self.cells if one.kind != "nothing")


def find_scope(revisions: Revisions, check: EvidenceCheck) -> Scope:
    """Compare what head has with what its evidence is about.

    A cell is touched by a change of its prompt, its pin or its pipeline.

    Raises:
        ConfigError: a pipeline or a prompt cannot be read, or two pipelines claim a cell.
        RefusedError: there is a symbolic link.
    """
    bounds = mandate(check.base.project, check.head.project)
    claims = Counter(
        (prompt, model.id)
        for pipeline in bounds.pipelines
        for prompt in pipeline.prompts
        for model in pipeline.config.models
    )
    finder = _Finder(check, revisions.paths, claims)
    for pipeline in bounds.pipelines:
        whole = pipeline.name in revisions.pipelines
        for prompt in pipeline.prompts:
            if (whole or prompt in revisions.prompts) and finder.is_open(prompt):
                for model in pipeline.config.models:
                    finder.add(prompt, model, pipeline)
    return Scope(tuple(finder.found.values()), (*bounds.refused, *finder.notes))


class _Finder:
    def __init__(
        self, check: EvidenceCheck, paths: Iterable[str], claims: Mapping[tuple[str, str], int]
    ) -> None:
        self._check = check
        self._claims = claims
        self._touched = {
            path.rpartition("/")[0] for path in paths if path.startswith(f"{REGISTRY}/")
        }
        self._open: dict[str, bool] = {}
        self.found: dict[tuple[str, str], Work] = {}
        self.notes: list[str] = []

    def is_open(self, prompt: str) -> bool:
        """Whether head has the prompt, and may be graded as head wants it."""
        if prompt not in self._open:
            self._open[prompt] = self._may_be_run(prompt)
        return self._open[prompt]

    def _may_be_run(self, prompt: str) -> bool:
        state = self._check.head.prompt(prompt)
        if state is None:
            return False
        before = self._check.base.prompt(prompt)
        refused = why_not_run(before.metric if before else None, state.metric)
        if refused:
            note = f"{prompt} is not optimized before it is merged: {refused}; what is pinned stays"
            self.notes.append(note)
        return not refused

    def add(self, prompt: str, model: ModelConfig, pipeline: PipelineSource) -> None:
        if self._claims[prompt, model.id] > 1:
            raise ConfigError(
                f"{prompt} on {model.id} stands in two pipelines, or twice in one",
                where=pipeline.document.where(("models",)),
                fix="leave it in one of them",
            )
        state = self._check.head.prompt(prompt)
        assert state is not None, "only prompts of head are open"
        model = resolved(model, state.source.config)
        self.found[prompt, model.id] = self._work(PlannedCell(prompt, model, pipeline, ()), state)

    def _work(self, cell: PlannedCell, state: PromptState) -> Work:
        try:
            pinned = self._check.head.pinned(cell.prompt, cell.model.id)
        except IntegrityError:
            return _search(cell, "the pinned variant was edited by hand")
        except FormatError:
            return _search(cell, "the pin cannot be read")
        if pinned is None:
            return _search(cell, "there is no pin yet")
        known = Known.of(state)
        reasons = stale_reasons(
            pinned.pin, known, params=cell.model.params, pipeline=cell.pipeline.config
        )
        if reasons:
            return _search(cell, *reasons)
        if cell_path(cell.prompt, cell.model.id) not in self._touched:
            return Work(cell, "nothing")  # what base serves goes on being served
        return self._work_by_evidence(cell, pinned)

    def _work_by_evidence(self, cell: PlannedCell, pinned: Pinned) -> Work:
        standing = self._check.standing(cell, pinned)
        if standing.status == "fresh":
            return Work(cell, "nothing", standing)
        why = self._check.why_searched(cell, pinned, standing)
        if why:
            return _search(cell, *standing.reasons, why)._replace(standing=standing)
        return Work(cell._replace(reasons=standing.reasons), "measure", standing)


def _search(cell: PlannedCell, *reasons: str) -> Work:
    return Work(cell._replace(reasons=reasons), "optimize")
