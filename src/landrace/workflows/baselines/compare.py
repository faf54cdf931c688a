"""Judges what is served now by the gate's policy, with a baseline for base's side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.gate.verdict import exit_code, key
from landrace.schemas.gate_report import GateReport
from landrace.schemas.score import Outcome, Score, Usage
from landrace.workflows.baselines.comparable import (
    common_cases,
    differences,
    refuse_incomparable,
    suite_note,
)
from landrace.workflows.baselines.matches import match_with
from landrace.workflows.baselines.run import BaselineRun
from landrace.workflows.gating.cell_report import cell_report
from landrace.workflows.gating.cell_run import CellRun
from landrace.workflows.gating.changes import WORK_TREE
from landrace.workflows.gating.decide import Deciding, decide
from landrace.workflows.gating.looks import planned_looks
from landrace.workflows.gating.sides import BASE

if TYPE_CHECKING:
    from landrace.schemas.baseline import Baseline, BaselineCase, ScoredAnswer
    from landrace.workflows.baselines.served import Served
    from landrace.workflows.services import Services

NOT_KEPT = "(a baseline keeps no outputs)"


def compare(served: Served, baseline: Baseline, services: Services, *, where: str) -> GateReport:
    """The report of one cell, as `landrace gate` makes it; ``where`` is the baseline's file.

    Raises:
        EvidenceError: the baseline says nothing about a rule of the policy, or any case.
        ModelError: the model cannot be called.
    """
    refuse_incomparable(served, baseline, where)
    cases = common_cases(served, baseline)
    match = match_with(served, baseline, cases, differences(served, baseline), where=where)
    run = BaselineRun(CellRun(match, served.policy.budget, services), _answers(baseline))
    looks = planned_looks(len(cases), served.policy, match.head.model.params)
    deciding = Deciding(run, looks)
    decide([deciding])
    return _report(deciding, where, suite_note(served, baseline))


def _answers(baseline: Baseline) -> dict[str, tuple[Outcome, ...]]:
    """The baseline's answers by case, as if base had been asked just now."""
    only = next(iter(baseline.metrics)) if len(baseline.metrics) == 1 else ""
    return {
        case.id: tuple(_outcome(case, n, answer, only) for n, answer in enumerate(case.answers))
        for case in baseline.cases
    }


def _outcome(case: BaselineCase, repeat: int, answer: ScoredAnswer, only: str) -> Outcome:
    """``only`` is the name of the metric where there was one alone, whose part goes without
    saying until the prompt gets a second.
    """
    taken = answer.measures
    return Outcome(
        candidate=BASE,
        case_id=case.id,
        repeat=repeat,
        output=NOT_KEPT,
        answer=None,
        score=Score(answer.score, parts=answer.parts or {only: answer.score}),
        usage=Usage(
            prompt_tokens=int(taken.get("prompt_tokens") or 0),
            completion_tokens=int(taken.get("completion_tokens") or 0),
            cost_usd=taken.get("cost_usd"),
        ),
        latency_s=taken.get("latency_s") or 0.0,
    )


def _report(deciding: Deciding, where: str, note: str) -> GateReport:
    assert deciding.ruling is not None
    cell, policy = cell_report(deciding, None), deciding.match.policy
    return GateReport(
        base=where,
        head=WORK_TREE,
        verdict=cell.verdict,
        reason=cell.reason,
        exit_code=exit_code(
            [cell],
            budget_ended=[key(cell)] if deciding.budget_ended else [],
            need_change=[key(cell)] if deciding.needs_change else [],
            blocking=[key(cell)] if policy.inconclusive == "block" else [],
        ),
        cells=(cell,),
        unchanged=0,
        notes=(note,) if note else (),
        spent=cell.spent,
    )
