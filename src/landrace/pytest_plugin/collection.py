"""Finds the items: each prompt on each model that a pipeline has for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from landrace.errors import LandraceError
from landrace.naming import model_dirname
from landrace.pytest_plugin.gate_item import GateItem
from landrace.pytest_plugin.messages import message
from landrace.pytest_plugin.snapshot import SnapshotItem
from landrace.pytest_plugin.workbench import Workbench, workbench
from landrace.store.project import PROMPT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from landrace.workflows.baselines.served import ServedCell

# What `-k` can name, and a node id can hold; `::` parts a node id.
_PLAIN = re.compile(r"(?:[\w./@+-]|:(?!:))+(?<!:)")


def activate(config: pytest.Config) -> None:
    """Let this run collect prompts, also where its paths do not lead to them by themselves.

    Raises:
        UsageError: there is no repository, or no prompt in it.
    """
    try:
        bench = workbench(config)
    except LandraceError as error:
        raise pytest.UsageError(message(error)) from error
    if not bench.prompts.is_dir():
        raise pytest.UsageError(
            f"{bench.prompts}: there are no prompts\n  `landrace init` writes a first one"
        )
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        given = [(config.invocation_params.dir / path).resolve() for path in config.args]
        if not any(bench.prompts.is_relative_to(path) for path in given):
            config.args.append(str(bench.prompts))
    config.pluginmanager.register(Collecting(bench), "landrace-collecting")


class Collecting:
    """The hooks of a run with ``--landrace``."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        folder = file_path.parent
        is_prompt = file_path.name == PROMPT_FILE and folder.name[0] not in "_."
        if not is_prompt or folder.parent.resolve() != self._bench.prompts.resolve():
            return None
        found: PromptFile = PromptFile.from_parent(parent, path=file_path, bench=self._bench)
        return found


class PromptFile(pytest.Module):
    """``prompt.yaml``. A module, as doctest's text files are, because fixtures of a module's
    scope need one around them; there is no Python in it.
    """

    obj = None

    def __init__(self, *, bench: Workbench, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._bench = bench

    def collect(self) -> Iterator[pytest.Collector]:
        name = self.path.parent.name
        try:
            self._bench.project.read_prompt(name)  # so that a broken one is told once
            cells = self._bench.cells.get(name, ())
        except LandraceError as error:
            raise self.CollectError(message(error)) from error
        for cell in cells:
            yield CellCollector.from_parent(self, cell=cell, bench=self._bench)


class CellCollector(pytest.Collector):
    """One model of a prompt."""

    def __init__(self, *, cell: ServedCell, bench: Workbench, **kwargs: Any) -> None:
        super().__init__(node_name(cell.model.id), **kwargs)
        self._cell = cell
        self._bench = bench

    def collect(self) -> Iterator[pytest.Item]:
        yield SnapshotItem.from_parent(self, cell=self._cell, bench=self._bench)
        for case_set in self._cell.case_sets:
            yield GateItem.from_parent(self, cell=self._cell, bench=self._bench, case_set=case_set)


def node_name(model_id: str) -> str:
    """The model's id, or its folder's name where a node id could not hold it."""
    return model_id if _PLAIN.fullmatch(model_id) else model_dirname(model_id)
