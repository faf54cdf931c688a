"""The gate's answers out of recorded evidence: the same judgement, without a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import BudgetExhaustedError, IntegrityError
from landrace.evaluation.table import ScoreTable
from landrace.gate.evidence import CaseEvidence
from landrace.gate.evidence import Evidence as Known
from landrace.schemas.evidence import RecordedAnswer
from landrace.schemas.gate_report import GateSpent
from landrace.schemas.score import Outcome, Score, Usage
from landrace.workflows.gating.sides import BASE, HEAD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landrace.schemas.evidence import Evidence
    from landrace.workflows.gating.decide import Run
    from landrace.workflows.gating.looks import Look
    from landrace.workflows.gating.sides import Match

NOTHING = GateSpent(calls=0, reused=0, prompt_tokens=0, completion_tokens=0, cost_usd=0.0)


def recorded(run: Run) -> tuple[RecordedAnswer, ...]:
    """Every scored answer that a run has, in the order of the cases."""
    match = run.match
    known = run.evidence(len(match.suite.cases), match.policy.repeats)
    whole = any(rule.is_raw for rule in match.policy.metrics)
    outcomes = (outcome for case in known.cases for outcome in (*case.base, *case.head))
    return tuple(_recorded(outcome, _taken(outcome) if whole else {}) for outcome in outcomes)


def _recorded(outcome: Outcome, taken: Mapping[str, Any]) -> RecordedAnswer:
    assert outcome.score is not None
    return RecordedAnswer(
        side="base" if outcome.candidate == BASE else "head",
        case=outcome.case_id,
        repeat=outcome.repeat,
        score=outcome.score.value,
        parts=outcome.score.parts,
        **taken,
    )


def _taken(outcome: Outcome) -> dict[str, Any]:
    """What the call took; `RAW_MEASURES` of a policy are about these."""
    usage = outcome.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
        "latency_s": outcome.latency_s,
    }


class Replay:
    """A `landrace.workflows.gating.decide.Run` that asks nobody.

    Raises:
        IntegrityError: an answer is none to these cases, or lacks the scores of their metrics.
    """

    def __init__(self, match: Match, evidence: Evidence, looks: tuple[Look, ...]) -> None:
        _check(match, evidence)
        self.match = match
        self._evidence = evidence
        self._known_looks = looks[: evidence.looks]
        self._table = ScoreTable()
        for answer in evidence.answers:
            self._table.add(_outcome(answer))

    def take(self, look: Look) -> Known:
        """The evidence at a look.

        Raises:
            BudgetExhaustedError: it was decided before this look when it was recorded.
        """
        if look not in self._known_looks:
            raise BudgetExhaustedError("the recorded evidence ends before this look")
        return self.evidence(look.cases, look.repeats)

    def confirm_critical(self, evidence: Known) -> None:
        """Nothing to do: whatever was asked for this is recorded."""

    def evidence(self, cases: int, repeats: int) -> Known:
        """What the first ``cases`` show in their first ``repeats`` answers."""
        suite = self.match.suite
        found = tuple(
            CaseEvidence(
                case, self._scored(BASE, case.id, repeats), self._scored(HEAD, case.id, repeats)
            )
            for case in suite.cases[:cases]
        )
        return Known(found, suite.metric_names)

    def refusal(self) -> str:
        """Nothing: no call is made."""
        return ""

    def spent(self) -> GateSpent:
        """Nothing now."""
        return NOTHING

    def _scored(self, side: str, case_id: str, repeats: int) -> tuple[Outcome, ...]:
        found = (self._table.get(side, case_id, repeat) for repeat in range(repeats))
        return tuple(outcome for outcome in found if outcome is not None)


def _check(match: Match, evidence: Evidence) -> None:
    """Whoever wrote the file, it is of one form: each question has one answer, fully scored."""
    cases = {case.id for case in match.suite.cases}
    names = match.suite.metric_names
    parts = set(names) if len(names) > 1 else set()
    seen = set()
    for answer in evidence.answers:
        key = (answer.side, answer.case, answer.repeat)
        if answer.case not in cases or answer.repeat >= match.policy.repeats or key in seen:
            raise IntegrityError(f"the evidence has an answer that nobody asked for: {key}")
        if answer.parts.keys() != parts:
            raise IntegrityError(f"the evidence has an answer with other metrics: {key}")
        seen.add(key)


def _outcome(answer: RecordedAnswer) -> Outcome:
    return Outcome(
        BASE if answer.side == "base" else HEAD,
        answer.case,
        answer.repeat,
        output=None,
        answer=None,
        score=Score(answer.score, parts=answer.parts),
        usage=Usage(answer.prompt_tokens, answer.completion_tokens, answer.cost_usd),
        latency_s=answer.latency_s,
    )
