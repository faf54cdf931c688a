"""From claims and breaks to a cell's verdict, and from cells to the run's and its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import BudgetExhaustedError, ConfigError, OutageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.schemas.gate_report import Break, Claim, GateCell, Verdict

REGRESSION = 1
INCONCLUSIVE = 6

# A shown regression outweighs what could not be seen, and that what could not be told.
_WORST_FIRST: tuple[Verdict, ...] = ("FAIL", "NOT EVALUATED", "INCONCLUSIVE", "PASS")


class Ruling(NamedTuple):
    verdict: Verdict
    reason: str


def rule_on(claims: Sequence[Claim], breaks: Sequence[Break]) -> Ruling:
    """A cell's verdict. Only blockers decide it; a warning is told beside a PASS."""
    if breaks:
        return Ruling("FAIL", _broken(breaks))
    if not claims:
        return Ruling("NOT EVALUATED", "no rule of the policy is about a metric of this prompt")
    blockers = [claim for claim in claims if claim.severity == "blocker"]
    verdict = worst(claim.verdict for claim in blockers)
    if verdict == "PASS":
        return Ruling("PASS", _passed(claims))
    decisive = next(claim for claim in blockers if claim.verdict == verdict)
    return Ruling(verdict, f"{_name(decisive)}: {decisive.reason}")


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The one that outweighs the others; PASS of none."""
    found = set(verdicts)
    return next((verdict for verdict in _WORST_FIRST if verdict in found), "PASS")


def rule_on_run(cells: Sequence[GateCell]) -> Ruling:
    verdict = worst(cell.verdict for cell in cells)
    if not cells:
        return Ruling("PASS", "nothing that is evaluated changed")
    count = sum(cell.verdict == verdict for cell in cells)
    return Ruling(verdict, f"{count} of {len(cells)} changed cells")


def exit_code(
    cells: Sequence[GateCell],
    *,
    budget_ended: Iterable[str],
    need_change: Iterable[str],
    blocking: Iterable[str],
) -> int:
    """0 pass, 1 regression, 2 a file needs a change, 5 budget spent, 6 inconclusive where that
    blocks, 75 no answer.

    ``budget_ended``, ``need_change`` and ``blocking`` hold ``prompt/model`` of the cells whose
    budget ended before a verdict, of those that no later run can evaluate as they are, and of
    those whose policy makes INCONCLUSIVE block.
    """
    ended, blocks = set(budget_ended), set(blocking)
    verdicts = {cell.verdict for cell in cells}
    if "FAIL" in verdicts:
        return REGRESSION
    missing = {key(cell) for cell in cells if cell.verdict == "NOT EVALUATED"}
    # Before 75, which promises that the same command can do better later.
    if not missing.isdisjoint(need_change):
        return ConfigError.exit_code
    if not missing <= ended:
        return OutageError.exit_code
    open_cells = [key(cell) for cell in cells if cell.verdict != "PASS"]
    if any(name in ended for name in open_cells):
        return BudgetExhaustedError.exit_code
    return INCONCLUSIVE if any(name in blocks for name in open_cells) else 0


def key(cell: GateCell) -> str:
    return f"{cell.prompt}/{cell.model}"


def _passed(claims: Sequence[Claim]) -> str:
    warned = dict.fromkeys(_name(claim) for claim in claims if claim.verdict == "FAIL")
    if warned:
        return f"with a warning: {', '.join(warned)} failed"
    return "no rule of the policy is broken"


def _name(claim: Claim) -> str:
    return f"{claim.metric} floor" if claim.kind == "floor" else claim.metric


def _broken(breaks: Sequence[Break]) -> str:
    first = breaks[0]
    what = "the case" if first.kind == "case" else "the tag"
    more = f", and {len(breaks) - 1} more" if len(breaks) > 1 else ""
    return f"{what} {first.name} broke{more}"
