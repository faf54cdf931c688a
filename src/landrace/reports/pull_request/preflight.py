"""What a run is about to do and to cost at most, before a call is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports import figures
from landrace.reports.neutralise import code, prose
from landrace.reports.pull_request.markdown import fitting_table, notes
from landrace.reports.pull_request.story import ceilings, not_done

if TYPE_CHECKING:
    from landrace.schemas.pull_request import Plan, PlannedWork

ROOM_FOR_WORK = 30_000


def preflight(plan: Plan) -> str:
    """A plan as Markdown of fewer than 60,000 characters."""
    parts = [f"## ⏳ landrace: {figures.plural(len(plan.work), 'cell')} to do"]
    if not plan.work:
        parts = ["## landrace: nothing to do", f"{figures.plural(plan.cells, 'cell')} in order."]
    if why_not := not_done(plan):
        parts.append(f"> **Not done:** {prose(why_not)}.")
    parts += notes(plan.notes)
    if plan.work:
        header = ("prompt", "model", "what", "why", "calls ≤", "cost ≤")
        parts.append(fitting_table(header, plan.work, _row, left=4, room=ROOM_FOR_WORK))
        parts.append(f"{ceilings(plan)}.")
    return "\n\n".join(parts) + "\n"


def _row(work: PlannedWork) -> tuple[str, ...]:
    return (
        code(work.prompt, 100, cell=True),
        code(work.model, 100, cell=True),
        work.kind,
        prose("; ".join(work.reasons), 200),
        figures.UNKNOWN if work.calls is None else figures.count(work.calls),
        figures.dollars(work.cost_usd),
    )
