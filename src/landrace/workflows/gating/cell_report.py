"""The data of one decided cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.gate.evidence import side_mean
from landrace.schemas.gate_report import CaseScore, GateCell
from landrace.workflows.gating.flips import flips

if TYPE_CHECKING:
    from landrace.gate.evidence import CaseEvidence
    from landrace.schemas.gate_report import Drift
    from landrace.workflows.gating.decide import Deciding


def cell_report(cell: Deciding, drift: Drift | None) -> GateCell:
    """What the run found about a cell that has its ruling."""
    assert cell.ruling is not None
    match, evidence = cell.match, cell.evidence
    look = cell.looks[cell.looked - 1] if cell.looked else None
    seen = cell.run.evidence(look.cases, match.policy.repeats) if look else evidence
    return GateCell(
        prompt=match.cell.prompt,
        model=match.cell.model.id,
        verdict=cell.ruling.verdict,
        reason=cell.ruling.reason,
        changed=match.cell.changed,
        base=match.base.side,
        head=match.head.side,
        line=match.line,
        confidence=match.policy.confidence,
        split=match.split,
        cases=len(match.suite.cases),
        scored=len(evidence.paired),
        coverage=round(cell.coverage, 6),
        looks=cell.looked,
        looks_planned=len(cell.looks),
        repeats=look.repeats if look else 0,
        claims=cell.claims,
        breaks=cell.breaks,
        drift=drift,
        flips=flips(evidence),
        scores=tuple(_score(case) for case in seen.cases),
        spent=cell.run.spent(),
    )


def _score(case: CaseEvidence) -> CaseScore:
    base, head = side_mean(case.base), side_mean(case.head)
    return CaseScore(
        case_id=case.case.id,
        base=None if base is None else round(base, 6),
        head=None if head is None else round(head, 6),
        repeats=min(len(case.base), len(case.head)),
        flaky=case.is_flaky,
    )
