"""What one pytest process holds: the repository, and its models once one is asked."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from landrace.naming import model_dirname
from landrace.store.lock import held
from landrace.store.project import PROMPTS, Project, find_root
from landrace.workflows.baselines.served import served_cells
from landrace.workflows.services import open_services

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from landrace.schemas.pipeline import ModelConfig
    from landrace.workflows.baselines.served import ServedCell
    from landrace.workflows.services import Services

LOCKS = ".landrace/locks"


class Workbench:
    """Made once in a process; models and ledger are opened at the first question."""

    def __init__(self, config: pytest.Config) -> None:
        self._rootdir = config.rootpath
        self.project = Project(find_root(config.rootpath))
        # Without a configuration pytest's rootdir is wherever it was started.
        root = config.rootpath if config.inipath else self.project.root
        self._baselines = root / str(config.getini("landrace_baselines"))
        self._stack = ExitStack()
        self._services: Services | None = None
        config.add_cleanup(self._stack.close)

    @property
    def prompts(self) -> Path:
        return self.project.root / PROMPTS

    @cached_property
    def cells(self) -> dict[str, tuple[ServedCell, ...]]:
        """Raises like `served_cells`."""
        return served_cells(self.project)

    def models(self) -> list[ModelConfig]:
        """The models of all cells."""
        return [cell.model for cells in self.cells.values() for cell in cells]

    def file(self, cell: ServedCell, name: str) -> Path:
        """A file of a cell below the folder of baselines."""
        return self._baselines / cell.prompt / model_dirname(cell.model.id) / name

    def shown(self, path: Path) -> str:
        """A path as messages have it: from the rootdir, where it is in there."""
        inside = path.is_relative_to(self._rootdir)
        return (path.relative_to(self._rootdir) if inside else path).as_posix()

    @contextmanager
    def asking(
        self, cells: Iterable[tuple[str, str]], models: Iterable[ModelConfig]
    ) -> Iterator[Services]:
        """Services to ask about these cells, by prompt and model id.

        No other worker asks about them meanwhile, and what others have asked before is known, so
        that two workers pay for no answer twice. ``models`` say how many calls each takes at
        once, where this is the first question.

        Raises:
            StorageError: a lock or the ledger cannot be used.
        """
        with ExitStack() as locks:
            # In one order everywhere, so that no two workers wait for each other.
            for prompt, model in sorted(set(cells)):
                path = self.project.root / LOCKS / prompt / f"{model_dirname(model)}.lock"
                locks.enter_context(held(path))
            if self._services is None:
                opened = open_services(self.project.root, models)
                self._services = self._stack.enter_context(opened)
            self._services.ledger.refresh()
            yield self._services


_WORKBENCH = pytest.StashKey[Workbench]()


def workbench(config: pytest.Config) -> Workbench:
    """The process's workbench.

    Raises:
        RepositoryError: the rootdir is in no git repository.
    """
    if _WORKBENCH not in config.stash:
        config.stash[_WORKBENCH] = Workbench(config)
    return config.stash[_WORKBENCH]
