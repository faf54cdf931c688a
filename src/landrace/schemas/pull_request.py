"""What a pull request's run found: the data of its comment, summary and outputs."""

from __future__ import annotations

from typing import Literal

from landrace.schemas.base import Strict
from landrace.schemas.evidence import Transfer
from landrace.schemas.gate_report import GateReport, GateSpent
from landrace.schemas.report import Report
from landrace.schemas.results import Unfinished


class PlannedWork(Strict):
    """A cell that needs a search or a comparison, why, and what that takes at most.

    Both count: the search, and the comparison with base. None where no ceiling is known:
    ``cost_usd`` without a price, all of them where the work cannot be done.
    """

    prompt: str
    model: str
    kind: Literal["optimize", "measure"]
    reasons: tuple[str, ...]
    calls: int | None
    tokens: int | None
    cost_usd: float | None


class Plan(Strict):
    """What a pull request leaves to be done; ``why_not`` says why none of it is, or is empty.

    ``cells`` counts all that the pull request touches. ``notes`` are sentences without a full
    stop.
    """

    schema_version: Literal[1] = 1
    base: str
    head: str
    cells: int
    work: tuple[PlannedWork, ...]
    why_not: str
    notes: tuple[str, ...]


class TransferRow(Strict):
    """One winner on every model: ``scores`` begins with its own."""

    prompt: str
    winner_of: str
    scores: tuple[Transfer, ...]


class PullRequestReport(Strict):
    """A whole run. The verdict and the exit code are the gate's.

    ``searches`` are the score reports of the cells whose evidence vouches for one,
    ``uncommitted`` those of this run's searches that did not get onto head. ``spent`` is what
    the searches and comparisons of this pull request took, whichever run made them;
    ``committed`` the commit that this run has made.
    """

    schema_version: Literal[1] = 1
    base: str
    head: str
    run: str
    gate: GateReport
    searches: tuple[Report, ...]
    uncommitted: tuple[Report, ...] = ()
    transfers: tuple[TransferRow, ...]
    unfinished: tuple[Unfinished, ...]
    plan: Plan | None
    committed: str | None
    spent: GateSpent
