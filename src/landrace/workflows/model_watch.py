"""Watches the lists of models: which models end, which new ones may be tried, which lack a pin.

All of it follows from the project, a table of models and a day. Nothing is called.
"""

from __future__ import annotations

import shlex
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from landrace import git
from landrace.naming import is_name
from landrace.schemas.model_findings import Ending, ListEdit, ModelFindings, New, Unpinned
from landrace.store import files
from landrace.store.model_list import edit_models
from landrace.store.project import PIPELINES, PROMPTS
from landrace.store.registry import read_pins
from landrace.store.snapshot import snapshot
from landrace.workflows.new_models import name_order, new_models

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from landrace.gateway.known_models import KnownModel
    from landrace.store.project import PipelineSource, Project

    Cells = Collection[tuple[str, str]]

DAYS = 60
AT_MOST = 3

_LAST = "it is the last model of the pipeline; add another one first"
_PROPOSER = "what takes a proposer's place is yours to say: name another, or none"
_BY_HAND = "the file cannot be edited without changing other lines; do it by hand"


class Rules(NamedTuple):
    """``days``: how far ahead an end counts. ``at_most``: how many models a list gets at once."""

    days: int = DAYS
    at_most: int = AT_MOST


def watch(
    project: Project,
    known_models: Iterable[KnownModel],
    today: date,
    rules: Rules = Rules(),  # noqa: B008 - an immutable value
) -> ModelFindings:
    """What the lists of models should become.

    A model that ends within ``rules.days`` from ``today``, or has ended, is removed, but never
    the last one. The models that a pipeline's ``allowed_models`` match, that chat and do not end
    so soon, and that no pipeline has for any of the same prompts, are added: those first that
    look newest, see `new_models`.

    Raises:
        LandraceError: a pipeline, or the registry, cannot be read.
    """
    table = _Table(known_models, today + timedelta(days=rules.days))
    pipelines = [project.read_pipeline(name) for name in project.pipelines()]
    taken = {
        (prompt, model.id)
        for source in pipelines
        for prompt in source.prompts
        for model in source.config.models
    }
    pinned = read_pins(project.root).keys()
    found = []
    for source in pipelines:
        new = _new(source, table, taken, rules.at_most)
        taken |= {(prompt, one.model) for prompt in source.prompts for one in new if not one.told}
        found.append(_settled(project, source, _ending(source, table), new, pinned))
    return ModelFindings(
        ending=tuple(chain.from_iterable(one.ending for one in found)),
        new=tuple(chain.from_iterable(one.new for one in found)),
        unpinned=tuple(chain.from_iterable(one.unpinned for one in found)),
        edits=tuple(chain.from_iterable(one.edits for one in found)),
    )


def watch_commit(
    root: Path,
    commit: str,
    known_models: Iterable[KnownModel],
    today: date,
    rules: Rules = Rules(),  # noqa: B008 - an immutable value
) -> ModelFindings:
    """`watch` on the files of a commit, whatever the work tree holds.

    Raises:
        RepositoryError: there is no such commit.
        RefusedError: a symbolic link or a submodule stands among its files.
        LandraceError: like `watch`.
    """
    prompts = [name for name in git.list_folders(root, commit, PROMPTS) if is_name(name)]
    with snapshot(root, commit, prompts) as project:
        return watch(project, known_models, today, rules)


class _Table:
    """What is known of models, with those apart that end by a day."""

    def __init__(self, known: Iterable[KnownModel], last_day: date) -> None:
        self.lasting: list[KnownModel] = []
        self.ends: dict[str, date] = {}
        for model in known:
            if model.ends is not None and model.ends <= last_day:
                self.ends |= dict.fromkeys(model.names, model.ends)
            elif model.mode == "chat":
                self.lasting.append(model)


def _ending(source: PipelineSource, table: _Table) -> Iterator[Ending]:
    models = [model.id for model in source.config.models]
    ends = {model: table.ends[model] for model in models if model in table.ends}
    last = max(ends, key=lambda model: ends[model]) if set(models) == ends.keys() else None
    for model, day in ends.items():
        told = _LAST if model == last else ""
        yield Ending(pipeline=source.name, model=model, role="model", ends=day, told=told)
    proposer = source.config.proposer
    if proposer is not None and proposer.id in table.ends:
        yield Ending(
            pipeline=source.name,
            model=proposer.id,
            role="proposer",
            ends=table.ends[proposer.id],
            told=_PROPOSER,
        )


def _new(source: PipelineSource, table: _Table, taken: Cells, at_most: int) -> list[New]:
    there = {model for prompt, model in taken if prompt in source.prompts}
    names = new_models(table.lasting, source.config.allowed_models, there)
    more = f"no more than {at_most} are added at once"
    return [
        New(pipeline=source.name, model=name, told=more if n >= at_most else "")
        for n, name in enumerate(names)
    ]


def _settled(
    project: Project,
    source: PipelineSource,
    ending: Iterable[Ending],
    new: Iterable[New],
    pinned: Cells,
) -> ModelFindings:
    """One pipeline's findings with the edit that they lead to, if it can be made."""
    ending, new = tuple(ending), tuple(new)
    add = sorted((one.model for one in new if not one.told), key=name_order)
    remove = [one.model for one in ending if not one.told]
    edit = _edit(project, source, add, remove)
    if edit is None:
        ending = tuple(one.model_copy(update={"told": one.told or _BY_HAND}) for one in ending)
        new = tuple(one.model_copy(update={"told": one.told or _BY_HAND}) for one in new)
    return ModelFindings(
        ending=ending,
        new=new,
        unpinned=tuple(_unpinned(source, pinned, edit.remove if edit else ())),
        edits=(edit,) if edit else (),
    )


def _edit(
    project: Project, source: PipelineSource, add: Sequence[str], remove: Sequence[str]
) -> ListEdit | None:
    if not add and not remove:
        return None
    path = f"{PIPELINES}/{source.name}.yaml"
    text = edit_models(files.read_text(project.root, path), add=add, remove=remove)
    if text is None:
        return None
    return ListEdit(
        pipeline=source.name, path=path, add=tuple(add), remove=tuple(remove), text=text
    )


def _unpinned(
    source: PipelineSource, pinned: Cells, removed: Collection[str]
) -> Iterator[Unpinned]:
    for model in dict.fromkeys(model.id for model in source.config.models):
        prompts = tuple(prompt for prompt in source.prompts if (prompt, model) not in pinned)
        if prompts and model not in removed:
            command = ["landrace", "optimize", "--pipeline", source.name, "--model", model]
            yield Unpinned(
                pipeline=source.name, model=model, prompts=prompts, command=shlex.join(command)
            )
