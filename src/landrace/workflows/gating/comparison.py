"""What differs between base and head, cell by cell, and what else is to be told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import LandraceError
from landrace.gate.trials import applying
from landrace.key_order import inputs_in_order, program_in_order, values_in_order
from landrace.naming import is_model_dirname, model_id
from landrace.pin import PIN_FILE
from landrace.runtime.folder import REGISTRY
from landrace.store import files
from landrace.store.project import PIPELINES
from landrace.store.registry import cell_path
from landrace.workflows.freshness import contract_of
from landrace.workflows.gating.differences import PromptDifferences
from landrace.workflows.gating.strays import is_choices
from landrace.workflows.gating.suite import metric_names
from landrace.workflows.plan import resolved
from landrace.workflows.prompt_metric import metric_of
from landrace.workflows.prompt_state import base_program

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import PipelineSource
    from landrace.workflows.gating.tree import Tree
    from landrace.workflows.tasks import Pinned

    CellName: TypeAlias = tuple[str, str]


class ChangedCell(NamedTuple):
    """A cell of base's pipelines that differs on head.

    ``model`` has the parameters that base's prompt is called with. ``changed`` has some of
    template, pin, cases, metrics, splits, inputs and output, in this order. ``by_pin`` tells
    that what is served is compared: a pin changed, or head's pin was made for head's prompt.
    Else nothing was optimized for it yet, and the templates are compared; ``serves_other`` tells
    that head has a pin all the same, which is what applications are served.
    """

    prompt: str
    model: ModelConfig
    pipeline: PipelineSource
    changed: tuple[str, ...]
    by_pin: bool = False
    serves_other: bool = False


class Comparison:
    """Filled in by `compare`: ``cells`` that differ, ``removed`` ones, whose prompts head has
    removed, the other cells of base's pipelines, and ``notes``, which are sentences without a full
    stop.

    Of ``only`` some cells there are no others in these, and what cannot be read of other prompts
    is a note: the answers to these may be paid for.
    """

    def __init__(
        self, base: Tree, head: Tree, fork: Tree, only: Collection[CellName] | None = None
    ) -> None:
        self.cells: list[ChangedCell] = []
        self.unchanged: list[CellName] = []
        self.removed: list[CellName] = []
        self.notes: list[str] = []
        self._base = base
        self._head = head
        self._fork = fork
        self._only = only
        self._removed_prompts: set[str] = set()

    def compare(self, prompts: Sequence[str], paths: Sequence[str]) -> None:
        """``prompts`` are those that ``paths``, which changed on head, can be about.

        Raises:
            LandraceError: a file of base or head cannot be read that the cells are about.
        """
        self.notes += [
            f"{path} changed: base's models and policy decide here"
            for path in paths
            if path.startswith(f"{PIPELINES}/")
        ]
        self.notes += [
            f"{path} changed: no gate judges what applications choose by it"
            for path in paths
            if is_choices(path)
        ]
        found = PromptDifferences(self._base, self._head, self._fork)
        differing = {prompt: self._differences(prompt, found) for prompt in prompts}
        self.notes += found.notes
        self._removed_prompts = found.removed
        pipelines = self._base.pipelines()
        if not pipelines:
            self.notes.append("base has no pipeline, so nothing is evaluated")
        claims: dict[CellName, PipelineSource] = {}
        for pipeline in pipelines:
            for prompt in pipeline.prompts:
                self._compare_prompt(prompt, pipeline, differing.get(prompt), claims)
        self.cells.sort(key=lambda cell: cell.prompt)  # stable: the order of models stays
        self._note_what_no_pipeline_has(differing, paths, claims)

    def _differences(self, prompt: str, found: PromptDifferences) -> list[str] | None:
        try:
            return found.of(prompt)
        except LandraceError as error:
            if self._only is None or prompt in {name for name, _ in self._only}:
                raise
            self.notes.append(f"{error.where} cannot be read, so {prompt} is not evaluated")
            return None

    def _compare_prompt(
        self,
        prompt: str,
        pipeline: PipelineSource,
        differences: list[str] | None,
        claims: dict[CellName, PipelineSource],
    ) -> None:
        compared = len(self.cells)
        for model in pipeline.config.models:
            first = claims.get((prompt, model.id))
            if first is None:
                claims[prompt, model.id] = pipeline
                if self._only is None or (prompt, model.id) in self._only:
                    self._compare_cell(prompt, model, pipeline, differences)
            elif differences is not None:
                self.notes.append(
                    f"{prompt} on {model.id} stands in the pipelines {first.name} and "
                    f"{pipeline.name}: the policy of {first.name} decides here"
                )
        if len(self.cells) > compared:
            self._note_rules_about_nothing(prompt, pipeline)

    def _compare_cell(
        self,
        prompt: str,
        model: ModelConfig,
        pipeline: PipelineSource,
        differences: list[str] | None,
    ) -> None:
        changed = list(differences or ())
        called = model
        if differences is not None:
            called = resolved(model, self._base.prompt(prompt).config)
            if self._pin_changed(prompt, called):
                changed.insert(int("template" in changed), "pin")
        if changed:
            by_pin = "pin" in changed or self._is_up_to_date(prompt, model.id)
            serves_other = not by_pin and self._head.pinned(prompt, model.id) is not None
            self.cells.append(
                ChangedCell(prompt, called, pipeline, tuple(changed), by_pin, serves_other)
            )
        elif prompt in self._removed_prompts:
            self.removed.append((prompt, model.id))
        else:
            self.unchanged.append((prompt, model.id))

    def _pin_changed(self, prompt: str, model: ModelConfig) -> bool:
        before, after = self._base.incumbent(prompt, model.id), self._head.pinned(prompt, model.id)
        if _served(before) == _served(after):
            return False
        if self._fork is not self._base and self._was_so_at_fork(prompt, model, after):
            return False
        cell = f"{prompt} on {model.id}"
        if before is None and self._has_pin_on_base(prompt, model.id):
            self.notes.append(
                f"the pin that base has of {cell} cannot be loaded: "
                "base's template is compared instead"
            )
        if after is None:
            self.notes.append(f"{cell} is not pinned any more: its template is compared instead")
        elif values_in_order(after.pin.model.params) != values_in_order(model.params):
            self.notes.append(
                f"{cell} is pinned for other parameters than base calls the model with: "
                "each side is asked with its own, as far as they decode"
            )
        return True

    def _has_pin_on_base(self, prompt: str, model: str) -> bool:
        path = f"{cell_path(prompt, model)}/{PIN_FILE}"
        return files.exists(self._base.project.root, path)

    def _is_up_to_date(self, prompt: str, model: str) -> bool:
        """Whether head's pin was made, or kept, for the prompt that head has."""
        pinned = self._head.pinned(prompt, model)
        if pinned is None:
            return False
        source = self._head.prompt(prompt)
        with self._head.at(prompt):
            template = base_program(source).digest
        now = (template, inputs_in_order(source.config.inputs), contract_of(source.config))
        pin = pinned.pin
        return (pin.base.template, inputs_in_order(pin.inputs), pin.output.contract) == now

    def _was_so_at_fork(self, prompt: str, model: ModelConfig, after: Pinned | None) -> bool:
        try:
            return bool(_served(self._fork.pinned(prompt, model.id)) == _served(after))
        except LandraceError:  # then head has mended it
            return False

    def _note_rules_about_nothing(self, prompt: str, pipeline: PipelineSource) -> None:
        source = self._base.prompt(prompt)
        names = metric_names(metric_of(source))
        if not applying(names, pipeline.config.gate.metrics):
            self.notes.append(
                f"no rule of the pipeline {pipeline.name} is about a metric of {prompt} "
                f"({', '.join(names)}): only its critical cases and tags can fail"
            )

    def _note_what_no_pipeline_has(
        self,
        differing: Mapping[str, list[str] | None],
        paths: Iterable[str],
        known: Mapping[CellName, object],
    ) -> None:
        prompts = {prompt for prompt, _ in known}
        self.notes += [
            f"no pipeline of base names {prompt}, so it is not evaluated"
            for prompt, found in differing.items()
            if found and prompt not in prompts
        ]
        self.notes += [
            f"{prompt} is pinned for {model}, which no pipeline of base has for it, "
            "so that pin is not evaluated"
            for prompt, model in _pins_among(paths)
            if prompt in prompts
            and (prompt, model) not in known
            and self._is_pinned_on_head(prompt, model)
        ]

    def _is_pinned_on_head(self, prompt: str, model: str) -> bool:
        try:
            return self._head.pinned(prompt, model) is not None
        except LandraceError:
            if self._only is None:
                raise
            return True


def _served(pinned: Pinned | None) -> Any:
    if pinned is None:
        return None
    pin = pinned.pin
    program = None if pin.program is None else program_in_order(pin.program)
    return pinned.files, pin.output.parser, values_in_order(pin.model.params), program


def _pins_among(paths: Iterable[str]) -> Iterable[CellName]:
    for path in paths:
        parts = path.split("/")
        # Of a folder of no model `landrace verify` complains.
        is_pin = len(parts) == 4 and parts[0] == REGISTRY and parts[3] == PIN_FILE
        if is_pin and is_model_dirname(parts[2]):
            yield parts[1], model_id(parts[2])
