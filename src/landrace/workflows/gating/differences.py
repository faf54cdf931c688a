"""What head changed of a prompt, for all of its models.

Three trees are read: base, head, and the commit from which they have parted. A difference is
head's own where head is no longer what it was then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.workflows.gating.contents import Contents, contents, marks_differ

if TYPE_CHECKING:
    from landrace.workflows.gating.tree import Tree


class PromptDifferences:
    """Asked prompt by prompt; ``notes`` says what else is to be told of those so far."""

    def __init__(self, base: Tree, head: Tree, fork: Tree) -> None:
        self.notes: list[str] = []
        self.removed: set[str] = set()
        self._base = base
        self._head = head
        self._fork = fork

    def of(self, prompt: str) -> list[str] | None:
        """The parts that head changed; None where one side does not have the prompt.

        Raises:
            LandraceError: a file of base or head cannot be read.
        """
        on_base, on_head = prompt in self._base.prompts, prompt in self._head.prompts
        if on_base and on_head:
            return self._parts(prompt)
        known = prompt in self._fork.prompts
        if on_base and known:
            self.removed.add(prompt)
            self.notes.append(f"{prompt} is removed: there is nothing left to evaluate")
        if on_head:
            what = "is gone from base" if known else "is new"
            self.notes.append(f"{prompt} {what}: there is nothing to compare it with")
        return None

    def _parts(self, prompt: str) -> list[str]:
        before, after = contents(self._base, prompt), contents(self._head, prompt)
        if before == after:
            return []
        then = self._at_fork(prompt, before)
        own = [
            what
            for what, now in after.parts.items()
            if now not in (before.parts[what], then.parts.get(what))
        ]
        if own and then.parts and then.parts != before.parts:
            self.notes.append(
                f"{prompt} changed on base, too, since head parted from it: "
                "merge base into head, or the verdict is about both changes"
            )
        if "metrics" in own:
            self.notes.append(f"the metrics of {prompt} changed: base's decide here")
        if marks_differ(before, after) and marks_differ(then, after):
            self.notes.append(
                f"the metadata of cases of {prompt} changed: "
                "base's critical cases and tags decide here"
            )
        return own

    def _at_fork(self, prompt: str, before: Contents) -> Contents:
        """Nothing where the prompt was not there, or could not be read: then all is head's own."""
        if self._fork is self._base:
            return before
        try:
            return contents(self._fork, prompt)
        except LandraceError:
            return Contents({}, {})
