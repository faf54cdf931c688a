"""A commit, or the work tree, as the gate reads it: each prompt once, errors with their place."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from landrace.errors import FormatError, IntegrityError, LandraceError, NewerFormatError
from landrace.store.project import PROMPT_FILE, PROMPTS
from landrace.store.snapshot import snapshot
from landrace.workflows.tasks import read_in_work_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from landrace.store.project import PipelineSource, Project, PromptSource
    from landrace.workflows.tasks import Pinned


class Tree:
    """The files of ``project``; ``label`` is the commit's short id, or nothing.

    Each method raises the errors of what it reads; their place begins with the label.
    """

    def __init__(self, project: Project, label: str = "") -> None:
        self.project = project
        self.label = label
        self._sources: dict[str, PromptSource] = {}

    @cached_property
    def prompts(self) -> frozenset[str]:
        with self.at():
            return frozenset(self.project.prompts())

    def pipelines(self) -> list[PipelineSource]:
        with self.at():
            return [self.project.read_pipeline(name) for name in self.project.pipelines()]

    def prompt(self, name: str) -> PromptSource:
        if name not in self._sources:
            with self.at():
                self._sources[name] = self.project.read_prompt(name)
        return self._sources[name]

    def pinned(self, prompt: str, model: str) -> Pinned | None:
        """What is pinned for a cell, verified; None for nothing."""
        with self.at():
            return read_in_work_tree(self.project, prompt, model)

    def incumbent(self, prompt: str, model: str) -> Pinned | None:
        """What is served for a cell, so that another is compared with it.

        None also for a pin that was edited by hand or cannot be read: nobody can load it.

        Raises:
            NewerFormatError: applications with a newer landrace can.
        """
        try:
            found = self.pinned(prompt, model)
            if found is not None:
                found.check_graph()
        except NewerFormatError:
            raise
        except (IntegrityError, FormatError):
            return None
        return found

    @contextmanager
    def at(self, prompt: str = "") -> Iterator[None]:
        """Errors of what is read within say where: in this tree, at least in this prompt."""
        try:
            yield
        except LandraceError as error:
            where = error.where or (f"{PROMPTS}/{prompt}/{PROMPT_FILE}" if prompt else "")
            error.where = _placed(self.label, where.replace(f"{self.project.root}/", ""))
            raise


@contextmanager
def read_commit(root: Path, commit: str, prompts: Sequence[str]) -> Iterator[Tree]:
    """A commit with these prompts, while the context lasts. Raises like `snapshot`."""
    label = commit[:12]
    with ExitStack() as stack:
        try:
            project = stack.enter_context(snapshot(root, commit, prompts))
        except LandraceError as error:
            error.where = _placed(label, error.where or "")
            raise
        yield Tree(project, label)


def _placed(label: str, where: str) -> str | None:
    return f"{label}:{where}" if label else where or None
