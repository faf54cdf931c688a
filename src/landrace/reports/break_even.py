"""When a search has paid for itself (SAMMO's ``break_even``)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landrace.schemas.report import Contender, Report


def break_even(report: Report) -> int | None:
    """After how many calls the winner has saved what the study took.

    Counted in money where all prices are known and not nothing, else in tokens, of which those
    of a dearer proposer then count like the model's own. None where nothing was promoted, or
    the winner saves nothing a call.
    """
    by_role = {one.role: one for one in report.contenders}
    rival, winner = by_role.get("incumbent") or by_role.get("base"), by_role.get("winner")
    if report.decision != "promoted" or rival is None or winner is None:
        return None
    spent = report.spent
    if spent.cost_usd and rival.cost_usd is not None and winner.cost_usd is not None:
        return _calls(spent.cost_usd, rival.cost_usd - winner.cost_usd)
    tokens = [_tokens(one) for one in (rival, winner)]
    if tokens[0] is None or tokens[1] is None:
        return None
    return _calls(spent.prompt_tokens + spent.completion_tokens, tokens[0] - tokens[1])


def _tokens(one: Contender) -> float | None:
    if one.prompt_tokens is None or one.completion_tokens is None:
        return None
    return one.prompt_tokens + one.completion_tokens


def _calls(spent: float, saved: float) -> int | None:
    return math.ceil(spent / saved) if saved > 0 else None
