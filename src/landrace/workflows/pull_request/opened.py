"""A pull request while it is being worked on: both commits, and what is to be done."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from landrace.workflows.gating.changes import read_revisions
from landrace.workflows.gating.strays import strays
from landrace.workflows.pull_request.standing import EvidenceCheck
from landrace.workflows.pull_request.states import States
from landrace.workflows.pull_request.work import find_scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landrace.workflows.gating.changes import Revisions
    from landrace.workflows.pull_request.work import Scope


class Opened(NamedTuple):
    """``strays`` are files of head that might be served, and belong to no cell."""

    revisions: Revisions
    check: EvidenceCheck
    scope: Scope
    strays: tuple[str, ...] = ()


@contextmanager
def opened(root: Path, base: str, head: str | None) -> Iterator[Opened]:
    """Base's tip and head, or the work tree for None, with the cells that head touches.

    Raises like `read_revisions`, `find_scope` and `strays`.
    """
    with read_revisions(root, base, head, whole_pipelines=True) as revisions:
        check = EvidenceCheck(States(revisions.base_tree), States(revisions.head_tree))
        scope = find_scope(revisions, check)
        yield Opened(revisions, check, scope, strays(root, head, revisions.paths))
