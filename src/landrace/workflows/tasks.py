"""From a planned cell to its task: reads the prompt, and what the last commit pins."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from landrace import git
from landrace.embedding import embed
from landrace.errors import ConfigError, FormatError
from landrace.optimizers.variants import (
    Program,
    as_written,
    contract_of,
    is_plain,
    write_variant,
)
from landrace.pin import PIN_FILE, TEMPLATE_FILE, Pin
from landrace.program import Graph, file_of
from landrace.runtime.cell import load_cell
from landrace.runtime.folder import REGISTRY, RegistryFolder
from landrace.store.registry import cell_path
from landrace.store.splits import split_cases
from landrace.workflows.prompt_state import prompt_state
from landrace.workflows.rendering import check_rendering
from landrace.workflows.strategy_options import check_options, options_read
from landrace.workflows.task import CellTask, Incumbent
from landrace.workflows.uncommitted import earlier_looks, pin_in_work_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from landrace.evaluation.variant import Variant
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.pipeline import Budget
    from landrace.store.project import PipelineSource, Project
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.prompt_state import PromptState
    from landrace.workflows.task import Fingerprints

    # What the base of a comparison pins for a prompt on a model, or None.
    PinnedOn = Callable[[str, str], "Pinned | None"]


class Ceilings(NamedTuple):
    """Ceilings of the command line; each one that is given replaces the pipeline's."""

    calls: int | None = None
    tokens: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None

    def over(self, budget: Budget) -> Budget:
        """The pipeline's budget with these ceilings in place of its own."""
        given = {name: value for name, value in self._asdict().items() if value is not None}
        return budget.model_copy(update=given)


class Pinned(NamedTuple):
    """A pin with the texts of its files."""

    pin: Pin
    files: dict[str, str]

    @property
    def source(self) -> str:
        """The template that gives the answer, or all one after the other."""
        return self.files.get(TEMPLATE_FILE) or "\n".join(
            text for name, text in sorted(self.files.items()) if name.endswith(".jinja")
        )

    @property
    def graph(self) -> Graph:
        """What joins the files.

        Raises:
            FormatError: the pin has no graph that this landrace knows.
        """
        pin = self.pin
        if pin.program is not None:
            return Graph.from_dict(pin.program, f"{pin.prompt} on {pin.model.id}: program")
        return Graph.plain(pin.output.contract, pin.output.parser)

    def check_graph(self) -> None:
        """Check that a loader can put the nodes together.

        Raises:
            FormatError: the graph cannot be read, or needs a file that the pin does not name.
        """
        graph = self.graph
        corpora = [file_of(name) for name in graph.corpora()]
        for file in [*(node.template for node in graph.asking().values()), *corpora]:
            if file not in self.files:
                where = f"{self.pin.prompt} on {self.pin.model.id}"
                raise FormatError(f"the pin does not name {file}, which it needs", where=where)

    def program(self, path: str) -> Program:
        """What is served, as a program of its own; ``path`` names its template in errors."""
        pin, graph = self.pin, self.graph
        if is_plain(graph):
            contract = contract_of(pin.output.contract)
            return Program.of(pin.prompt, self.source, contract, path=path, inputs=pin.inputs)
        sources = {
            name: (self.files[node.template], node.template)
            for name, node in graph.asking().items()
        }
        corpora = {file: text for file, text in self.files.items() if file.endswith(".jsonl")}
        return Program.of_graph(
            pin.prompt, graph, sources, inputs=pin.inputs, corpora=corpora, embed=embed, where=path
        )

    def candidate(self, operator: str) -> Candidate:
        """What is served, over any program that has its inputs and corpora."""
        return as_written(self.graph, self.files, operator)

    def variant(self, path: str) -> Variant:
        """What is served, ready to be asked; ``path`` names its template in errors.

        Raises:
            TemplateError, ConfigError: it cannot be used.
        """
        return write_variant(self.program(path), self.candidate("pinned"))


def make_task(
    project: Project,
    cell: PlannedCell,
    *,
    ceilings: Ceilings = Ceilings(),  # noqa: B008 - frozen, so sharing it is safe
    others: Iterable[tuple[str, Candidate]] = (),
    incumbents: PinnedOn | None = None,
    state: PromptState | None = None,
    searches: bool = True,
) -> CellTask:
    """Everything that the cell's study depends on.

    ``others`` are winners of other models, by model id, in the order in which they are tried.
    ``incumbents`` says what is served today; by default, what the last commit pins, and then the
    work tree's pin counts, too, in how the model was trained and how often the holdout was
    looked at. ``state`` is the prompt's, if it has been read. Without ``searches`` nothing is
    spent, and any budget does.

    Raises:
        CaseError: a split is too small, a case is wrong, or the base does not render with it.
        ConfigError: the budget is too small for a search, an option is unknown or does not suit
            the prompt, or the nodes of the program do not fit together.
        TemplateError: a template does not compile.
    """
    state = state or prompt_state(project.read_prompt(cell.prompt))
    source = state.source
    check_rendering(source, state.program, state.eval_set.cases)
    splits = split_cases(
        state.eval_set.cases, source.config.splits, f"prompts/{cell.prompt}/cases.jsonl"
    )
    name = (cell.prompt, cell.model.id)
    committed = (incumbents or committed_in(project))(*name)
    # Of a base that is not the last commit the work tree says nothing.
    here = None if incumbents else pin_in_work_tree(project, *name)
    pins = [*([here] if here else []), *([committed.pin] if committed else [])]
    fingerprints = state.fingerprints()
    task = CellTask(
        program=state.program,
        config=source.config,
        search=splits.search,
        select=splits.select,
        holdout=splits.holdout,
        metric=state.metric,
        fingerprints=fingerprints,
        pipeline=cell.pipeline.config,
        model=cell.model,
        options=options_read(cell.pipeline),
        budget=ceilings.over(cell.pipeline.config.budget),
        incumbent=None if committed is None else _incumbent(committed, fingerprints),
        others=tuple(candidate for model, candidate in others if model != cell.model.id),
        # A model knows its `search` cases from its training on, be that committed or not.
        training=next((pin.training for pin in pins if pin.training), None),
        earlier_looks=_earlier_looks(here, committed, cell, fingerprints),
    )
    served = (task.incumbent.candidate,) if task.incumbent else ()
    candidates = (*served, *task.others)
    check_options(cell.pipeline, task.options, task.program, candidates, [task.model])
    if searches:
        _check_budget(task, cell.pipeline, by_hand=ceilings.calls is not None)
    return task


def _earlier_looks(
    here: Pin | None, committed: Pinned | None, cell: PlannedCell, now: Fingerprints
) -> int:
    parent = committed.pin.variant if committed else None
    return earlier_looks(here, cell.pipeline.config, now, parent) if here else 0


def _incumbent(committed: Pinned, now: Fingerprints) -> Incumbent:
    """What is served today; looks at the holdout of another split seed do not count."""
    is_worn = committed.pin.base.split_seed == now.split_seed
    looks = committed.pin.holdout_looks if is_worn else 0
    return Incumbent(committed.candidate("incumbent"), committed.pin.variant, looks)


def committed_in(project: Project) -> PinnedOn:
    """The pins of a project's last commit."""
    return partial(read_committed, project)


def read_committed(project: Project, prompt: str, model: str) -> Pinned | None:
    """What the last commit pins for a cell; None for nothing, or nothing readable.

    A broken pin in the past must not stop the search for a new one: `landrace verify` is
    the place that complains.
    """
    folder = cell_path(prompt, model)
    try:
        return _read_at_head(project, folder)
    except (ConfigError, UnicodeDecodeError):
        return None


def _read_at_head(project: Project, folder: str) -> Pinned | None:
    data = git.read_blob(project.root, "HEAD", f"{folder}/{PIN_FILE}")
    if data is None:
        return None
    pin = Pin.loads(data, f"HEAD:{folder}/{PIN_FILE}")
    files = {}
    for name in pin.files:
        text = git.read_blob(project.root, "HEAD", f"{folder}/{name}")
        if text is None:
            return None
        files[name] = text.decode("utf-8")
    pinned = Pinned(pin, files)
    has_all = all(node.template in files for node in pinned.graph.asking().values())
    return pinned if has_all else None


def read_in_work_tree(project: Project, prompt: str, model: str) -> Pinned | None:
    """What the work tree pins for a cell, verified; None for nothing."""
    cell = load_cell(RegistryFolder(str(project.root / REGISTRY)), prompt, model)
    return Pinned(cell.pin, cell.files) if cell else None


def winners_of_others(
    project: Project,
    cells: Sequence[PlannedCell],
    fresh: dict[tuple[str, str], Candidate],
    incumbents: PinnedOn | None = None,
) -> list[tuple[str, Candidate]]:
    """Other models' winners for one prompt.

    That is this run's winner, the pin in the work tree where its evidence is fresh (so that a
    resumed run sees what the first one found), or else what `make_task` takes for incumbent.
    """
    committed = incumbents or committed_in(project)
    found = []
    for cell in cells:
        winner = fresh.get((cell.prompt, cell.model.id))
        if winner is None:
            name = (cell.prompt, cell.model.id)
            pinned = committed(*name) if cell.reasons else read_in_work_tree(project, *name)
            winner = pinned.candidate(f"winner of {cell.model.id}") if pinned else None
        if winner is not None:
            found.append((cell.model.id, winner))
    return found


def _check_budget(task: CellTask, pipeline: PipelineSource, *, by_hand: bool) -> None:
    if task.budget.calls is None:
        return
    least = task.least_calls()
    needed = least + task.holdout_calls()
    if task.budget.calls < needed:
        pinned = "; what is pinned is scored as well" if task.incumbent else ""
        raise ConfigError(
            f"{task.budget.calls} calls are too few for {task.prompt}: the look at its holdout "
            f"takes up to {task.holdout_calls()}, a search at least {least}{pinned}",
            where="--max-calls" if by_hand else pipeline.document.where(("budget", "calls")),
            fix=f"allow {needed} calls or more",
        )
