"""From a planned cell to its task: reads the prompt, and what the last commit pins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace import git
from landrace.errors import ConfigError, LandraceError, RepositoryError
from landrace.optimizers.table import STRATEGIES
from landrace.optimizers.variants import Program
from landrace.pin import PIN_FILE, TEMPLATE_FILE, Pin
from landrace.runtime.cell import load_cell
from landrace.runtime.folder import REGISTRY, RegistryFolder
from landrace.schemas.candidate import Candidate
from landrace.store.registry import cell_path
from landrace.store.splits import split_cases
from landrace.store.validate import validate_value
from landrace.strict_json import near_fix
from landrace.workflows.prompt_state import prompt_state
from landrace.workflows.task import CellTask, Incumbent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.schemas.pipeline import Budget
    from landrace.store.project import PipelineSource, Project
    from landrace.workflows.plan import PlannedCell


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
    """A pin with the template that it serves."""

    pin: Pin
    source: str

    def candidate(self, operator: str) -> Candidate:
        return Candidate(source=self.source, parser=self.pin.output.parser, operator=operator)


def make_task(
    project: Project,
    cell: PlannedCell,
    *,
    ceilings: Ceilings = Ceilings(),  # noqa: B008 - frozen, so sharing it is safe
    others: Iterable[tuple[str, Candidate]] = (),
) -> CellTask:
    """Everything that the cell's study depends on.

    ``others`` are winners of other models, by model id, in the order in which they are tried.

    Raises:
        CaseError: a split is too small, or a case is wrong.
        ConfigError: the budget is too small for a search, or an option is unknown.
    """
    source = project.read_prompt(cell.prompt)
    state = prompt_state(source)
    splits = split_cases(
        state.eval_set.cases, source.config.splits, f"prompts/{cell.prompt}/cases.jsonl"
    )
    committed = read_committed(project, cell.prompt, cell.model.id)
    task = CellTask(
        program=Program.of(
            cell.prompt,
            state.template.source,
            source.config.output,
            path=source.template_name,
        ),
        config=source.config,
        search=splits.search,
        select=splits.select,
        holdout=splits.holdout,
        metric=state.metric,
        fingerprints=state.fingerprints(),
        pipeline=cell.pipeline.config,
        model=cell.model,
        options=_options(cell.pipeline),
        budget=ceilings.over(cell.pipeline.config.budget),
        incumbent=None
        if committed is None
        else Incumbent(
            committed.candidate("incumbent"), committed.pin.variant, committed.pin.holdout_looks
        ),
        others=tuple(candidate for model, candidate in others if model != cell.model.id),
    )
    _check_budget(task, cell.pipeline, by_hand=ceilings.calls is not None)
    return task


def read_committed(project: Project, prompt: str, model: str) -> Pinned | None:
    """What the last commit pins for a cell; None for nothing, or nothing readable.

    A broken pin in the past must not stop the search for a new one: `landrace verify` is
    the place that complains.
    """
    folder = cell_path(prompt, model)
    try:
        pin = git.read_blob(project.root, "HEAD", f"{folder}/{PIN_FILE}")
        source = git.read_blob(project.root, "HEAD", f"{folder}/{TEMPLATE_FILE}")
        if pin is None or source is None:
            return None
        return Pinned(Pin.loads(pin, f"HEAD:{folder}/{PIN_FILE}"), source.decode("utf-8"))
    except (RepositoryError, UnicodeDecodeError):
        return None
    except LandraceError as error:
        if error.exit_code == RepositoryError.exit_code:
            return None
        raise


def read_in_work_tree(project: Project, prompt: str, model: str) -> Pinned | None:
    """What the work tree pins for a cell, verified; None for nothing."""
    cell = load_cell(RegistryFolder(str(project.root / REGISTRY)), prompt, model)
    return Pinned(cell.pin, cell.files[TEMPLATE_FILE]) if cell else None


def winners_of_others(
    project: Project, cells: Sequence[PlannedCell], fresh: dict[tuple[str, str], Candidate]
) -> list[tuple[str, Candidate]]:
    """Other models' winners for one prompt.

    That is this run's winner, the pin in the work tree where its evidence is fresh (so that a
    resumed run sees what the first one found), or else what the last commit pins.
    """
    found = []
    for cell in cells:
        winner = fresh.get((cell.prompt, cell.model.id))
        if winner is None:
            read = read_committed if cell.reasons else read_in_work_tree
            pinned = read(project, cell.prompt, cell.model.id)
            winner = pinned.candidate(f"winner of {cell.model.id}") if pinned else None
        if winner is not None:
            found.append((cell.model.id, winner))
    return found


def _options(pipeline: PipelineSource) -> Any:
    """The strategy's options, checked."""
    strategy = pipeline.config.strategy
    row = STRATEGIES.get(strategy.name)
    if row is None:
        raise ConfigError(
            f"there is no strategy `{strategy.name}`",
            where=pipeline.document.where(("strategy", "name")),
            fix=near_fix(strategy.name, STRATEGIES) or f"there are {', '.join(STRATEGIES)}",
        )
    return validate_value(
        row.options,
        strategy.options,
        lambda path: pipeline.document.where(("strategy", "options", *path)),
    )


def _check_budget(task: CellTask, pipeline: PipelineSource, *, by_hand: bool) -> None:
    if task.budget.calls is None:
        return
    least = STRATEGIES[pipeline.config.strategy.name].least(task.options, task.sizes())
    needed = least + task.holdout_calls()
    if task.budget.calls < needed:
        raise ConfigError(
            f"{task.budget.calls} calls are too few for {task.prompt}: the look at its holdout "
            f"takes up to {task.holdout_calls()}, a search at least {least}",
            where="--max-calls" if by_hand else pipeline.document.where(("budget", "calls")),
            fix=f"allow {needed} calls or more",
        )
