"""Puts accepted cells on a branch: one commit, all or nothing, once.

A run that is repeated finds that its work is done and makes no second commit. Where the branch
moved meanwhile, the results are checked against the new head: if nothing that they rest on
changed, they land there; else they are dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from landrace import git
from landrace.errors import EvidenceError, RefusedError
from landrace.reports.figures import plural
from landrace.workflows.pull_request.accept import accept
from landrace.workflows.pull_request.message import RUN_TRAILER, commit_message
from landrace.workflows.pull_request.opened import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from landrace.schemas.results import Results
    from landrace.workflows.pull_request.accept import AcceptedCell
    from landrace.workflows.pull_request.message import Message
    from landrace.workflows.pull_request.work import Scope

TRIES = 3
MOST_COMMITS = 5  # of ours on one pull request: a loop must end, whatever makes it


class Landing(Protocol):
    """A branch that can get a commit."""

    def head(self) -> str:
        """The full id of the commit where the branch is now; its objects are here then."""
        ...

    def land(self, parent: str, files: Mapping[str, bytes | None], message: Message) -> str:
        """Put a commit on the branch, if it is still at ``parent``; the new commit's id.

        A file of None is removed.

        Raises:
            EvidenceError: the branch has moved.
            RefusedError: a rule of the branch forbids it.
        """
        ...


class Landed(NamedTuple):
    """``commit`` is None where there was nothing to commit; ``is_new`` if this run made it.

    A commit that was there already is where the branch is now.
    """

    commit: str | None
    message: Message | None
    cells: tuple[AcceptedCell, ...]
    is_new: bool


class Commit:
    """The use case; ``sign`` makes a signature of an evidence file's bytes, if there is a key."""

    def __init__(
        self,
        root: Path,
        base: str,
        landing: Landing,
        *,
        sign: Callable[[bytes], str] | None = None,
        most_commits: int = MOST_COMMITS,
    ) -> None:
        self._root = root
        self._base = base
        self._landing = landing
        self._sign = sign
        self._most = most_commits

    def run(self, results: Results, *, dry: bool = False) -> Landed:
        """Land the results; if ``dry``, check them and say what would be committed.

        Raises:
            RefusedError: something in them must not be committed, or the branch has too many
                commits of ours already.
            EvidenceError: they are about something that base or head no longer hold, or the
                branch moved each time.
        """
        for remaining in reversed(range(TRIES)):
            head = self._landing.head()
            try:
                return self._onto(head, results, dry=dry)
            except EvidenceError:
                if remaining == 0 or self._landing.head() == head:
                    raise
        raise AssertionError("the last try returns or raises")

    def _onto(self, head: str, results: Results, *, dry: bool) -> Landed:
        if not results.cells:
            return Landed(None, None, (), is_new=False)
        runs = git.trailers(self._root, self._base, head, RUN_TRAILER)
        with opened(self._root, self._base, head) as change:
            if results.run in runs and _is_done(results, change.scope):
                return Landed(head, None, (), is_new=False)
            cells = tuple(accept(results, change, self._sign))
        if len(runs) >= self._most:
            raise RefusedError(
                f"this branch has {plural(len(runs), 'commit')} of landrace already",
                fix="find out what keeps changing; raise --most-commits if it is no loop",
            )
        message = commit_message(cells, results.run)
        if dry:
            return Landed(None, message, cells, is_new=False)
        files = {path: data for cell in cells for path, data in cell.files.items()}
        return Landed(self._landing.land(head, files, message), message, cells, is_new=True)


def _is_done(results: Results, scope: Scope) -> bool:
    """Whether none of it is left to be done.

    A run may be started again to finish what a budget or an outage left.
    """
    left = {(work.cell.prompt, work.cell.model.id) for work in scope.work}
    return left.isdisjoint((cell.prompt, cell.model) for cell in results.cells)
