"""The cases that tell most about a change, with what was asked and answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from landrace.gate.evidence import CaseEvidence, Evidence, side_mean
from landrace.redaction import redact
from landrace.schemas.gate_report import FlipSample

if TYPE_CHECKING:
    from landrace.schemas.score import Outcome

SHOWN = 10
MOST_CHARACTERS = 2000
NOISE = 1e-9


def flips(evidence: Evidence) -> tuple[FlipSample, ...]:
    """At most ten: losses before gains, critical cases first, the largest change first."""
    changed = [case for case in evidence.paired if abs(_change(case)) > NOISE]
    ordered = sorted(changed, key=_rank)
    return tuple(sample(case) for case in ordered[:SHOWN])


def _rank(case: CaseEvidence) -> tuple[bool, bool, float, str]:
    change = _change(case)
    return change > 0, not case.is_critical, -abs(change), case.case.id


def sample(evidence: CaseEvidence) -> FlipSample:
    """One case with its texts, of which no secret and no more than 2,000 characters are kept."""
    case, base, head = evidence.case, evidence.base, evidence.head
    worse = head if _change(evidence) < 0 else base
    return FlipSample(
        case_id=case.id,
        input=_shown(next(iter(case.inputs.values())) if len(case.inputs) == 1 else case.inputs),
        expected="" if case.expected is None else _shown(case.expected),
        base_output=_output(_telling(base)),
        head_output=_output(_telling(head)),
        base_score=round(side_mean(base) or 0.0, 6),
        head_score=round(side_mean(head) or 0.0, 6),
        feedback=_shown(_feedback(worse)),
    )


def _telling(outcomes: tuple[Outcome, ...]) -> Outcome:
    """The answer whose score is nearest to the mean over the repeats."""
    mean = side_mean(outcomes) or 0.0
    return min(outcomes, key=lambda outcome: abs(_value(outcome) - mean))


def _output(outcome: Outcome) -> str | None:
    return None if outcome.output is None else _shown(outcome.output)


def _feedback(outcomes: tuple[Outcome, ...]) -> str:
    score = min(outcomes, key=_value).score
    return score.feedback if score else ""


def _value(outcome: Outcome) -> float:
    return outcome.score.value if outcome.score else 0.0


def _change(case: CaseEvidence) -> float:
    return (side_mean(case.head) or 0.0) - (side_mean(case.base) or 0.0)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Secrets go first: half of one would not be known again.
    return redact(text)[:MOST_CHARACTERS]
