"""What stored reports are worth today. They are shown in any case, so nothing here is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.reports.worth import Worth
from landrace.runtime.folder import REGISTRY, RegistryFolder
from landrace.workflows.verify import Verifier, said, wanted_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landrace.store.project import PipelineSource, Project
    from landrace.workflows.verify import VerifiedCell


def worth_today(project: Project, cells: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Worth]:
    """What the report of each pinned cell is worth.

    A pipeline that cannot be read leaves open what it would ask of the cells of no other.
    """
    cells = list(cells)
    try:
        pipelines, problem = _readable_pipelines(project)
        verifier = Verifier(project, RegistryFolder(str(project.root / REGISTRY)))
    except LandraceError as error:
        return dict.fromkeys(cells, Worth("unreadable", (_flat(said(project.root, error)),)))
    wanted = wanted_by(pipelines)
    found = {}
    for cell in cells:
        worth = _worth(verifier.cell(*cell, wanted.get(cell)), verifier)
        if worth.status == "fresh" and problem and cell not in wanted:
            worth = Worth("unreadable", (problem,))
        found[cell] = worth
    return found


def _readable_pipelines(project: Project) -> tuple[list[PipelineSource], str]:
    """The pipelines that can be read, and what is wrong with the first that cannot, or nothing."""
    readable, problems = [], []
    for name in project.pipelines():
        try:
            readable.append(project.read_pipeline(name))
        except LandraceError as error:
            problems.append(_flat(said(project.root, error)))
    return readable, next(iter(problems), "")


def _worth(cell: VerifiedCell, verifier: Verifier) -> Worth:
    assert cell.status != "missing"  # its pin has been read
    is_gone = cell.status == "stale" and cell.prompt not in verifier.prompts
    return Worth("gone" if is_gone else cell.status, tuple(map(_flat, cell.reasons)))


def _flat(reason: str) -> str:
    """An error says what to do in a line of its own."""
    return "; ".join(line.strip() for line in reason.splitlines())
