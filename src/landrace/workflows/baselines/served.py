"""What applications get now: a cell's pinned variant, or its template where nothing is pinned."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import ConfigError, TemplateError
from landrace.optimizers.variants import write_variant
from landrace.pin import PIN_FILE, TEMPLATE_FILE
from landrace.schemas.candidate import Candidate
from landrace.schemas.gate_report import Side
from landrace.store import files
from landrace.store.registry import cell_path
from landrace.workflows.gating.sides import HEAD, Contestant
from landrace.workflows.gating.suite import HOLDOUT, Suite, read_suite
from landrace.workflows.plan import resolved
from landrace.workflows.prompt_state import base_program
from landrace.workflows.tasks import read_in_work_tree

if TYPE_CHECKING:
    from landrace.schemas.baseline import CaseSet
    from landrace.schemas.gate_policy import GatePolicy
    from landrace.schemas.pipeline import ModelConfig
    from landrace.store.project import PipelineSource, Project, PromptSource
    from landrace.workflows.tasks import Pinned

Messages = list[dict[str, str]]


class ServedCell(NamedTuple):
    """A prompt on a model of a pipeline that names it, as this has it."""

    prompt: str
    model: ModelConfig
    pipeline: PipelineSource
    pinned: bool

    @property
    def case_sets(self) -> tuple[CaseSet, ...]:
        """The sets that it is judged on.

        Where there is a pin the holdout is one of them: a search has seen all other cases.
        """
        return ("all", "holdout") if self.pinned else ("all",)


class Served(NamedTuple):
    """A cell with what is served for it, ready to be asked a set of its cases."""

    cell: ServedCell
    case_set: CaseSet
    suite: Suite
    side: Contestant

    @property
    def policy(self) -> GatePolicy:
        return self.cell.pipeline.config.gate

    def rendered(self) -> dict[str, Messages]:
        """The messages of each case by its id, in the order of the ids."""
        cases = sorted(self.suite.cases, key=lambda case: case.id)
        return {case.id: self.side.variant.first_messages(case.inputs) for case in cases}


def served_cells(project: Project) -> dict[str, tuple[ServedCell, ...]]:
    """All cells by prompt, in the order of pipelines and of the models in them.

    Raises:
        ConfigError: there is no pipeline, or two claim a cell.
        LandraceError: a pipeline cannot be read.
    """
    names = project.pipelines()
    if not names:
        raise ConfigError(
            "there is no pipeline", where="pipelines", fix="`landrace init` writes a first one"
        )
    found: dict[str, dict[str, ServedCell]] = defaultdict(dict)
    for pipeline in map(project.read_pipeline, names):
        for prompt in pipeline.prompts:
            for model in pipeline.config.models:
                _refuse_two_claims(found[prompt].get(model.id), pipeline)
                pin = f"{cell_path(prompt, model.id)}/{PIN_FILE}"
                pinned = files.exists(project.root, pin)
                found[prompt][model.id] = ServedCell(prompt, model, pipeline, pinned)
    return {prompt: tuple(cells.values()) for prompt, cells in found.items()}


def read_served(project: Project, cell: ServedCell, case_set: CaseSet) -> Served:
    """Read everything, and render every case, so that no call is made in vain.

    Raises:
        CaseError: a case is wrong, or the set has none.
        IntegrityError: the pinned variant is not the one that its pin names.
        TemplateError: what is served is malformed, or does not render with a case.
        LandraceError: a file cannot be read.
    """
    source = project.read_prompt(cell.prompt)
    suite = read_suite(source, holdout_only=case_set == HOLDOUT)
    pin = read_in_work_tree(project, cell.prompt, cell.model.id)
    served = Served(cell, case_set, suite, _side(source, cell, suite, pin))
    for case in suite.cases:
        try:
            served.side.variant.first_messages(case.inputs)
        except TemplateError as error:
            error.problem = f"case `{case.id}` does not render: {error.problem}"
            raise
    return served


def _side(source: PromptSource, cell: ServedCell, suite: Suite, pin: Pinned | None) -> Contestant:
    pinned_file = f"{cell_path(cell.prompt, cell.model.id)}/{TEMPLATE_FILE}"
    file = pinned_file if pin else source.template_name
    # A pin is served whatever has become of the template.
    program = pin.program(file) if pin else base_program(source)
    written = write_variant(program, pin.candidate("pinned") if pin else Candidate())
    model = resolved(cell.model, source.config)
    if pin:  # applications ask with the parameters that were proved
        model = model.model_copy(update={"params": dict(pin.pin.model.params)})
    return Contestant(
        side=Side(kind="pin" if pin else "template", digest=written.digest, file=file),
        source=source,
        variant=written._replace(digest=HEAD),
        model=model,
        text=pin.source if pin else program.main.source,
        cases=suite.cases,
        unfit="",
    )


def _refuse_two_claims(before: ServedCell | None, pipeline: PipelineSource) -> None:
    if before is not None:
        raise ConfigError(
            f"{before.prompt} on {before.model.id} stands in two pipelines, "
            f"{before.pipeline.name} and {pipeline.name}",
            where=pipeline.document.where(("models",)),
            fix="leave it in one of them",
        )
