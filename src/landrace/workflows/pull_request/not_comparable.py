"""Which searches would find a winner that base's holdout cannot judge."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from landrace.errors import ConfigError
from landrace.store.project import CASES_FILE
from landrace.workflows.gating.given_away import given_away, why_not_compared
from landrace.workflows.gating.suite import read_suite
from landrace.workflows.pull_request.unfinished import name_of, unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landrace.schemas.results import Unfinished
    from landrace.workflows.pull_request.standing import EvidenceCheck
    from landrace.workflows.pull_request.unfinished import Name
    from landrace.workflows.pull_request.work import Work


def not_comparable(check: EvidenceCheck, scope: Iterable[Work]) -> dict[Name, Unfinished]:
    """The cells to search whose splits on head leave too little of base's holdout, and why.

    Raises:
        LandraceError: a file of a prompt cannot be read.
    """

    @cache
    def problem(prompt: str) -> str:
        base, head = (states.prompt(prompt) for states in (check.base, check.head))
        if base is None or head is None:
            return ""
        holdout = read_suite(base.source, holdout_only=True).cases
        return why_not_compared(base.source, holdout, given_away(base.source, head.source))

    found: dict[Name, Unfinished] = {}
    for work in scope:
        if work.kind != "optimize" or not check.inputs.is_compared(work.cell):
            continue
        if why := problem(work.cell.prompt):
            name, where = name_of(work.cell), f"prompts/{work.cell.prompt}/{CASES_FILE}"
            found[name] = unfinished(name, ConfigError(why, where=where))
    return found
