"""Prompts, then weights, then prompts: a trained model gets a search and a pin of its own.

BetterTogether (Soylu et al. 2024, arXiv 2407.10930) alternates the optimization of prompts and of
weights, by default p -> w -> p. `landrace optimize` is the first p. Here a command of the user's is
w: it trains the task model on answers that scored well. The second p is a search for the trained
model, which begins with the first one's winner.

As there, what is trained on are answers to the training set alone, here `search`, on all of which
the best prompt so far is run first: `select`, which chooses in the next search, must be new to the
trained model. The original keeps the best stage on its validation set. Here each model has a cell
of its own, both stay pinned, and the application asks for the one that it wants.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import json_digest
from landrace.errors import ConfigError, RefusedError
from landrace.pin import PinnedTraining
from landrace.store.atomic import storage_error, write_tree
from landrace.store.registry import read_pins, write_cell
from landrace.workflows.pinning import cell_files
from landrace.workflows.run_cell import run_cell
from landrace.workflows.strategy_options import options_of
from landrace.workflows.tasks import Ceilings, make_task, read_in_work_tree
from landrace.workflows.training_budget import check_answerable
from landrace.workflows.training_command import Job, again, trained_model
from landrace.workflows.training_data import KINDS, nothing_to_learn, rows_of, run_on_search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from landrace.optimizers.stages import Progress
    from landrace.pin import Pin
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.pipeline import ModelConfig, Training
    from landrace.schemas.report import Report
    from landrace.store.project import Project
    from landrace.workflows.plan import PlannedCell
    from landrace.workflows.services import Services
    from landrace.workflows.task import CellTask
    from landrace.workflows.training_data import Rows

FOLDER = ".landrace/training"
# Nearly every CI sets the first; Azure Pipelines, Jenkins, TeamCity and CodeBuild set their own.
CI_VARIABLES = ("CI", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID")


class Trained(NamedTuple):
    """One round: the model that came of it, and the report of the search for that model."""

    round: int
    model: str
    report: Report


class Tools(NamedTuple):
    """What training needs from outside.

    ``check_model`` raises if a model cannot be called by its id with these parameters.
    """

    services: Services
    environ: Mapping[str, str]
    check_model: Callable[[str, Mapping[str, Any]], None]
    ceilings: Ceilings = Ceilings()
    on_progress: Callable[[Progress], None] = lambda _progress: None


def refuse_in_ci(environ: Mapping[str, str]) -> None:
    """Raise where a work tree may be a pull request's: a command in it is not to be trusted.

    Raises:
        RefusedError: this is a CI.
    """
    if any(environ.get(name, "").lower() not in {"", "0", "false"} for name in CI_VARIABLES):
        raise RefusedError(
            "no training command is run in CI, where the work tree may be anybody's",
            fix="run `landrace train` where you trust the work tree, and commit registry/",
        )


def not_trained_here(
    cells: Sequence[PlannedCell], pins: Mapping[tuple[str, str], Pin]
) -> list[PlannedCell]:
    """Those whose model is not itself a trained one, which `models` has to be looked after."""

    def is_heir(cell: PlannedCell) -> bool:
        pin = pins.get((cell.prompt, cell.model.id))
        return pin is not None and pin.training is not None

    return [cell for cell in cells if not is_heir(cell)]


def training_of(cell: PlannedCell) -> Training:
    """The cell's training command. Raises `ConfigError` if its pipeline has none."""
    training = cell.pipeline.config.training
    if training is None:
        raise ConfigError(
            "the pipeline has no `training`",
            where=cell.pipeline.document.where(("models",)),
            fix='add `training: {command: ["python", "train.py"]}` to it',
        )
    return training


def task_to_train(
    project: Project, cell: PlannedCell, ceilings: Ceilings, number: int = 1
) -> CellTask:
    """The cell's task, with which a round begins that can be gone through with.

    Raises:
        ConfigError: there is no training command, or the ceiling on calls is too low.
        And like `landrace.workflows.tasks.make_task`.
    """
    rounds = training_of(cell).rounds
    task = make_task(project, cell, ceilings=ceilings)
    by_hand = ceilings.calls is not None
    where = "--max-calls" if by_hand else cell.pipeline.document.where(("budget", "calls"))
    check_answerable(task, _pinned(project, cell), where, is_last=number >= rounds)
    return task


def train(project: Project, cell: PlannedCell, tools: Tools) -> Iterator[Trained]:
    """Train the cell's model and search for what comes of it, as many rounds as the pipeline says.

    Each round yields once its pin is written. What was finished stays, whatever happens later, and
    the same command goes on from there.

    Raises:
        ConfigError: there is no training command, or it fails, or calls are too few for it.
        RefusedError: its answer names a model that is not its own.
        EvidenceError: there is nothing to train with.
        And like `landrace.workflows.run_cell.run_cell`.
    """
    training = training_of(cell)
    for number in range(1, training.rounds + 1):
        task = task_to_train(project, cell, tools.ceilings, number)
        run_on_search(task, _pinned(project, cell), tools.services, tools.on_progress)
        rows = rows_of(task, tools.services.ledger)
        if not rows.tell_good_from_bad():
            raise nothing_to_learn(task, rows)
        job = _job(project, cell, training, number, rows)
        model = trained_model(job, tools.environ, partial(_check, project, cell, tools))
        _refuse_listed(project, cell, model, job)
        record = PinnedTraining(cell.model.id, number, training.command, rows.digest)
        heir = cell._replace(model=_heir(cell.model, model), reasons=("trained",))
        yield Trained(number, model, _search(project, cell, heir, record, tools))
        cell = heir


def _job(project: Project, cell: PlannedCell, training: Training, number: int, rows: Rows) -> Job:
    key = json_digest([cell.prompt, cell.model.id, list(training.command), rows.digest])[:16]
    folder = project.root / FOLDER / key
    files = {variable: f"{kind}.jsonl" for variable, kind in KINDS.items()}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # like the ledger, whose texts it has
    except OSError as error:
        raise storage_error("made", folder, error) from error
    write_tree(folder, {files[name]: text.encode() for name, text in rows.texts.items()})
    return Job(
        training,
        project.root,
        folder,
        cell.pipeline.document.where(("training", "command")),
        {
            "LANDRACE_PROMPT": cell.prompt,
            "LANDRACE_MODEL": cell.model.id,
            "LANDRACE_ROUND": str(number),
        },
        {variable: folder / name for variable, name in files.items()},
    )


def _heir(model: ModelConfig, trained: str) -> ModelConfig:
    """The trained model, called as its parent is; an alias would answer for both."""
    return model.model_copy(update={"id": trained, "aliases": ()})


def _check(project: Project, cell: PlannedCell, tools: Tools, model: str) -> None:
    """Raise if no search can be made for what a training command answers with."""
    _refuse_others(project, cell, model)
    tools.check_model(model, cell.model.params)


def _refuse_others(project: Project, cell: PlannedCell, model: str) -> None:
    """Raise where an answer would have another model's cell overwritten, or trained nothing."""
    whose = _whose(read_pins(project.root), cell, model)
    if whose:
        raise RefusedError(
            f"the training command answers with {model}, which is {whose}",
            where=cell.pipeline.document.where(("training", "command")),
            fix="let it give each model that it trains an id of its own",
        )


def _whose(pins: Mapping[tuple[str, str], Pin], cell: PlannedCell, model: str) -> str:
    """Whose a model is, if it is not what was trained for the cell."""
    for (prompt, pinned), theirs in pins.items():
        if pinned == model and prompt != cell.prompt and theirs.training is not None:
            return f"the one that was trained for {prompt}"
    pin = pins.get((cell.prompt, model))
    is_own = pin is None or (pin.training is not None and pin.training.model == cell.model.id)
    return "" if is_own and model != cell.model.id else "not a model that it has made"


def _refuse_listed(project: Project, cell: PlannedCell, model: str, job: Job) -> None:
    """Raise where `models` has the answer, and no pin tells that it was trained for the cell.

    It may be a name in the script that was never changed, or what the user added too early. Its
    training, which may have taken hours, is kept for the second.
    """
    is_listed = model in {one.id for one in cell.pipeline.config.models}
    if is_listed and (cell.prompt, model) not in read_pins(project.root):
        raise RefusedError(
            f"the training command answers with {model}, which is in `models` and not pinned yet",
            where=cell.pipeline.document.where(("models",)),
            fix="take it out of `models` until it is pinned, and run the same command again: what "
            "was trained is kept\nor let it give each model that it trains an id of its own, and "
            f"{again(job)}",
        )


def _search(
    project: Project, cell: PlannedCell, heir: PlannedCell, record: PinnedTraining, tools: Tools
) -> Report:
    others = [(cell.model.id, first) for first in _pinned(project, cell)]
    task = make_task(project, heir, ceilings=tools.ceilings, others=others)
    task = task._replace(training=record)
    with options_of(heir.pipeline):
        result = run_cell(task, tools.services, tools.on_progress)
    files = {name: text.encode() for name, text in cell_files(result).items()}
    write_cell(project.root, task.prompt, task.model.id, files)
    return result.report


def _pinned(project: Project, cell: PlannedCell) -> list[Candidate]:
    """What the work tree's pin serves on the cell's model, which need not be committed yet."""
    pinned = read_in_work_tree(project, cell.prompt, cell.model.id)
    first = pinned.candidate(f"winner of {cell.model.id}") if pinned else None
    return [first] if first else []
