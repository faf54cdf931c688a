"""``.landrace/``: what runs leave behind on this machine, and what the next run believes.

Answers in the ledger count as the model's; hashes, results and trained models that are kept there
are taken as they are, and all of it is written to. So it must be this machine's own. What git
tracks is not: whoever can push a branch has written it, and may have put a link in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace import git
from landrace.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ARTIFACTS = ".landrace"


def refuse_tracked(root: Path) -> None:
    """Check that the folder is this machine's own, as a link that leads out of the work tree is.

    Raises:
        RefusedError: git tracks something there, or it is a link back into the work tree.
    """
    _refuse(git.tracked_files(root, ARTIFACTS), "")
    folder = root / ARTIFACTS
    if folder.is_symlink() and folder.resolve().is_relative_to(root.resolve()):
        raise RefusedError(
            "a link to a place inside the work tree, whose files git may track",
            where=ARTIFACTS,
            fix="let it lead out of the work tree, or put a folder there",
        )


def refuse_committed(root: Path, commit: str, changed: Iterable[str]) -> None:
    """Check that a commit, of which ``changed`` are paths, has nothing there.

    Raises:
        RefusedError: it has.
    """
    tops = {path.split("/", 1)[0] for path in changed}
    suspects = {top for top in tops if top.casefold() == ARTIFACTS}  # one name on many file systems
    if suspects:
        _refuse(sorted(suspects.intersection(git.list_top(root, commit))), f"{commit[:12]}:")


def _refuse(paths: list[str], commit: str) -> None:
    if paths:
        raise RefusedError(
            "git tracks what must be this machine's own: runs believe what stands there",
            where=f"{commit}{paths[0]}",
            fix=f"remove it with `git rm -r {paths[0].split('/')[0]}`, and commit that; keep "
            "nothing of it, for whoever committed it may have made it up",
        )
