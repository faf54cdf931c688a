"""landrace's errors as pytest shows them: the message, and no traceback of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import BudgetExhaustedError, OutageError
from landrace.redaction import redact
from landrace.reports.neutralise import block

if TYPE_CHECKING:
    from landrace.errors import LandraceError

# Neither a pass nor a failure; the exit codes of `landrace gate` for the same.
NOT_EVALUATED = frozenset({BudgetExhaustedError.exit_code, OutageError.exit_code})


def message(error: LandraceError) -> str:
    """What is wrong, where, and what to do."""
    opening = "NOT EVALUATED: " if error.exit_code in NOT_EVALUATED else ""
    return opening + block(redact(str(error)))
