"""A cell that got no result, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.redaction import redact
from landrace.schemas.results import Unfinished

if TYPE_CHECKING:
    from landrace.errors import LandraceError
    from landrace.workflows.plan import PlannedCell

Name = tuple[str, str]


def name_of(cell: PlannedCell) -> Name:
    """The prompt and the model's id."""
    return cell.prompt, cell.model.id


def unfinished(name: Name, error: LandraceError) -> Unfinished:
    """The cell left as it was, because of an error."""
    where = f"{error.where}: " if error.where else ""
    return Unfinished(
        prompt=name[0],
        model=name[1],
        reason=redact(f"{where}{error.problem}"),
        exit_code=error.exit_code,
    )
