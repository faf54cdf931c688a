"""How a search begins: base and incumbent are scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import BudgetExhaustedError, CallsRefusedError, OutageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.study import Study
    from landrace.schemas.case import Case


def probe(study: Study, rivals: Sequence[Entry], cases: Sequence[Case]) -> None:
    """Score base and incumbent.

    An incumbent that is refused on all of these cases, where the base is not, is left behind
    like one that does not render.

    Raises:
        BudgetExhaustedError: not all of it could be paid.
        OutageError: too many calls fail to go on.
    """
    try:
        study.evaluate(rivals, cases)
    except (BudgetExhaustedError, CallsRefusedError, OutageError):
        # Many refusals look like an outage, and they use up calls like answers.
        if not _refusal(study, cases):
            raise
    refusal = _refusal(study, cases)
    if refusal:
        study.leave_incumbent(f"refused on every case: {refusal}")
        study.evaluate([study.base], cases)


def _refusal(study: Study, cases: Sequence[Case]) -> str:
    """Why the incumbent is refused on all of the cases, where the base is not; else nothing."""
    table, rival = study.table, study.rival.digest
    has_met = len(table.outcomes(rival, cases)) == len(cases)
    if not has_met or table.mean(rival, cases) is not None:
        return ""
    return "" if table.mean(study.base.digest, cases) is None else table.refusal(rival)
