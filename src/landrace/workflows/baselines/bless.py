"""Makes a baseline: scores what is served now, and keeps no text of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import CallsRefusedError, OutageError
from landrace.gate.evidence import measure
from landrace.gate.trials import applying
from landrace.key_order import values_in_order
from landrace.metrics import table as metrics
from landrace.schemas.baseline import Baseline, BaselineCase, ScoredAnswer
from landrace.store.cases import eval_set_digest
from landrace.workflows.baselines.comparable import case_digest, metric_digests
from landrace.workflows.baselines.matches import match_alone
from landrace.workflows.gating.cell_run import CellRun
from landrace.workflows.gating.looks import planned_looks
from landrace.workflows.gating.sides import HEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.evaluation.table import ScoreTable
    from landrace.schemas.case import Case
    from landrace.schemas.score import Outcome
    from landrace.workflows.baselines.served import Served
    from landrace.workflows.services import Services

_DIGITS = 10  # finer than what counts as a tie


def bless(served: Served, services: Services) -> Baseline:
    """Ask each case as often as a later verdict may need, and keep the scores.

    A case without an answer is left out.

    Raises:
        BudgetExhaustedError: the gate's budget for one cell is too small.
        CallsRefusedError: too few cases were answered, and the others would fail again.
        OutageError: too few cases were answered.
        ModelError: the model cannot be called.
    """
    side, suite = served.side, served.suite
    run = CellRun(match_alone(served), served.policy.budget, services)
    repeats = planned_looks(len(suite.cases), served.policy, side.model.params)[-1].repeats
    for repeat in range(repeats):
        run.ask(side, suite.metric, suite.cases, run.table, repeat)
    cases = _scored_cases(served, run.table, repeats)
    _refuse_gaps(len(cases), served, run.table.refusal())
    return Baseline(
        schema_version=1,
        prompt=served.cell.prompt,
        model=side.model.id,
        case_set=served.case_set,
        kind=side.side.kind,
        variant=side.side.digest,
        params=values_in_order(side.model.params),
        eval_set=eval_set_digest(suite.cases),
        metric=metrics.digest(suite.metric),
        metrics=metric_digests(suite),
        cases=cases,
    )


def _refuse_gaps(answered: int, served: Served, refusal: str) -> None:
    asked, needed = len(served.suite.cases), served.policy.min_coverage
    problem = f"only {answered} of {asked} cases were answered; the policy asks for {needed:.0%}"
    if answered < needed * asked:
        if refusal:
            raise CallsRefusedError(
                f"{problem}, and the others would fail again, the first with: {refusal}",
                fix="mend what it says; nothing is lost",
            )
        raise OutageError(
            problem,
            fix="run the same command again when the provider is back; nothing is lost",
        )


def _scored_cases(served: Served, table: ScoreTable, repeats: int) -> tuple[BaselineCase, ...]:
    """The cases with an answer, in the order of their ids, so that files differ where they do."""
    rules = applying(served.suite.metric_names, served.policy.metrics)
    measures = [rule.metric for rule in rules if rule.is_raw]
    found = (
        (case, _answers(case, table, repeats, measures))
        for case in sorted(served.suite.cases, key=lambda case: case.id)
    )
    return tuple(
        BaselineCase(id=case.id, digest=case_digest(case), answers=answers)
        for case, answers in found
        if answers
    )


def _answers(
    case: Case, table: ScoreTable, repeats: int, measures: Sequence[str]
) -> tuple[ScoredAnswer, ...]:
    found = (table.get(HEAD, case.id, repeat) for repeat in range(repeats))
    return tuple(_scored(outcome, measures) for outcome in found if outcome and outcome.score)


def _scored(outcome: Outcome, measures: Sequence[str]) -> ScoredAnswer:
    assert outcome.score is not None
    found: dict[str, Any] = {"score": round(outcome.score.value, _DIGITS)}
    if outcome.score.parts:
        found["parts"] = {name: round(v, _DIGITS) for name, v in outcome.score.parts.items()}
    if measures:
        found["measures"] = {name: measure(outcome, name, ()) for name in measures}
    return ScoredAnswer.model_validate(found)
