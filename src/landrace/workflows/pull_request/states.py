"""What is known of the prompts of one revision; each is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.workflows.prompt_state import prompt_state

if TYPE_CHECKING:
    from landrace.store.project import Project
    from landrace.workflows.gating.tree import Tree
    from landrace.workflows.prompt_state import PromptState
    from landrace.workflows.tasks import Pinned


class States:
    """The prompts and pins of a tree that does not change, but for pins.

    The place of an error begins with the commit.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._states: dict[str, PromptState] = {}

    @property
    def project(self) -> Project:
        return self._tree.project

    def prompt(self, name: str) -> PromptState | None:
        """A prompt, or None where this revision has none of that name.

        Raises:
            LandraceError: one of its files cannot be read.
        """
        if name not in self._tree.prompts:
            return None
        if name not in self._states:
            source = self._tree.prompt(name)
            with self._tree.at(name):
                self._states[name] = prompt_state(source)
        return self._states[name]

    def pinned(self, prompt: str, model: str) -> Pinned | None:
        """What is pinned for a cell, verified.

        Raises:
            IntegrityError: it was edited by hand.
            FormatError: the pin cannot be read.
        """
        return self._tree.pinned(prompt, model)

    def incumbent(self, prompt: str, model: str) -> Pinned | None:
        """What is served for a cell; None also for a pin that nobody can load.

        Raises:
            NewerFormatError: the pin takes a newer landrace.
        """
        return self._tree.incumbent(prompt, model)
