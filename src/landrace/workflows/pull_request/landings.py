"""The three ways in which a commit gets onto a branch: by git, by a forge, or here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace import git
from landrace.errors import EvidenceError
from landrace.forge.base import NewCommit
from landrace.workflows.pull_request.message import RUN_TRAILER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from landrace.workflows.pull_request.message import Message


class Here:
    """The branch that is checked out; its work tree follows the commit."""

    def __init__(self, root: Path, author: git.Author) -> None:
        self._root = root
        self._author = author

    def head(self) -> str:
        return git.head_commit(self._root)

    def land(self, parent: str, files: Mapping[str, bytes | None], message: Message) -> str:
        """Commit and fast-forward. Raises `RefusedError` where the work tree is in the way."""
        made = _written(self._root, parent, files, message, self._author)
        git.fast_forward(self._root, made)
        return made


class Remote(NamedTuple):
    """A branch of a remote; the token is for one over HTTP."""

    root: Path
    name: str
    branch: str
    token: git.Token | None = None

    def head(self) -> str:
        """Where the branch is now; fetches what is not here yet. Raises like `git.fetch`."""
        return git.fetch(self.root, self.name, [self.branch], token=self.token)[self.branch]


class Push:
    """A branch of a remote, by git alone."""

    def __init__(self, remote: Remote, author: git.Author) -> None:
        self._remote = remote
        self._author = author

    def head(self) -> str:
        return self._remote.head()

    def land(self, parent: str, files: Mapping[str, bytes | None], message: Message) -> str:
        """Commit and push; nothing is ever forced."""
        to = self._remote
        made = _written(to.root, parent, files, message, self._author)
        git.push(to.root, to.name, made, to.branch, parent, token=to.token)
        return made


class Api:
    """A branch of a remote, committed to by its forge, which signs what it makes itself."""

    def __init__(self, remote: Remote, commit: Callable[[NewCommit], str]) -> None:
        self._remote = remote
        self._commit = commit

    def head(self) -> str:
        return self._remote.head()

    def land(self, parent: str, files: Mapping[str, bytes | None], message: Message) -> str:
        """One request that compares the branch with ``parent`` and moves it."""
        lines = message.body.splitlines()
        made = self._commit(
            NewCommit(
                branch=self._remote.branch,
                expected_head=parent,
                headline=message.headline,
                body=message.body,
                mark=next(line for line in lines if line.startswith(f"{RUN_TRAILER}: ")),
                additions={path: data for path, data in files.items() if data is not None},
                deletions=tuple(path for path, data in files.items() if data is None),
            )
        )
        self._remote.head()  # later steps read the commit here
        return made


def _written(
    root: Path, parent: str, files: Mapping[str, bytes | None], message: Message, author: git.Author
) -> str:
    made = git.write_commit(root, parent=parent, files=files, message=message.text, author=author)
    if made is None:
        raise EvidenceError(
            "the branch has all this already", fix="run the pipeline again: it will find no work"
        )
    return made
