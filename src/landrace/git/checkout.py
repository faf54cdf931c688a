"""Moving the branch that is checked out, with its work tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import EvidenceError, RefusedError, RepositoryError
from landrace.git.command import run
from landrace.git.reading import resolve

if TYPE_CHECKING:
    from pathlib import Path


def fast_forward(root: Path, commit: str) -> None:
    """Move what is checked out on to a later commit; the files of the work tree follow.

    All or nothing: a file that was edited and would have to change keeps everything as it was.

    Raises:
        EvidenceError: the commit does not follow what is checked out by now.
        RefusedError: edited or unknown files are in the way.
        RepositoryError: there is no such commit, or git failed.
    """
    oid = resolve(root, commit)
    result = run(root, ["merge", "--ff-only", "--no-autostash", "--no-stat", "--quiet", oid])
    if result.status == 0:
        return
    if "Not possible to fast-forward" in result.stderr:
        raise EvidenceError(
            "what is checked out has moved meanwhile", where=str(root), fix="run it again"
        )
    if "would be overwritten" in result.stderr:
        raise RefusedError(
            "the work tree has changes where the commit needs to write",
            where=str(root),
            fix="commit, stash or remove them: `git status` shows them",
        )
    last = result.stderr.strip().splitlines()[-1:] or ["no reason given"]
    raise RepositoryError(f"git merge failed: {last[0]}", where=str(root))
