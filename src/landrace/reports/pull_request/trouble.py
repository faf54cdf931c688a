"""A run that failed before there was anything to judge, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports.neutralise import code, prose

if TYPE_CHECKING:
    from landrace.errors import LandraceError


def trouble(error: LandraceError) -> str:
    """What is wrong, where, and what to do; for a comment, or a job's page."""
    where = f" in {code(error.where)}" if error.where else ""
    parts = [
        "## ⚪ landrace: NOT EVALUATED",
        f"Error{where}: {prose(error.problem)}.",
        *([f"What to do: {prose(error.fix)}"] if error.fix else []),
    ]
    return "\n\n".join(parts) + "\n"
