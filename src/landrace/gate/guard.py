"""Severe breaks: what blocks although the mean holds.

A case marked critical blocks when base solves it and head loses `severe_drop` of its score on
it: that is a rule of the policy, no claim about chance, so the workflow asks such a case
again, where its model may answer differently, before it is believed.

A tag blocks when every case of it that base solves is lost, none is won, and they are so many
that the exact sign test, at half the look's chance of error shared by all tags of the run,
excludes luck. Means use the other half: their intervals are two-sided, and fail on one side.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from landrace.gate.evidence import side_mean, tags_of
from landrace.schemas.gate_report import Break

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.gate.evidence import CaseEvidence, Evidence

SOLVED = 0.5


def breaks(
    evidence: Evidence, *, severe_drop: float, error: float, all_tags: int
) -> tuple[Break, ...]:
    """What broke, critical cases first. ``all_tags`` counts the tags of all cells of the run."""
    critical = (_case_break(case) for case in broken_critical(evidence, severe_drop))
    return (*critical, *_tag_breaks(evidence, severe_drop, error / 2 / max(1, all_tags)))


def broken_critical(evidence: Evidence, severe_drop: float) -> list[CaseEvidence]:
    return [case for case in evidence.paired if case.is_critical and _change(case) <= -severe_drop]


def _tag_breaks(evidence: Evidence, severe_drop: float, error: float) -> Iterator[Break]:
    members: dict[str, list[CaseEvidence]] = defaultdict(list)
    for case in evidence.paired:
        for tag in tags_of(case.case):
            members[tag].append(case)
    for tag, cases in sorted(members.items()):
        solved = [case for case in cases if (side_mean(case.base) or 0.0) >= SOLVED]
        lost = [case for case in solved if _change(case) <= -severe_drop]
        won = [case for case in cases if _change(case) >= severe_drop]
        # One-sided, of as many losses as cases: each a coin that fell the same way.
        if solved and len(lost) == len(solved) and not won and 0.5 ** len(lost) <= error:
            reason = f"all {len(lost)} cases that base solves are lost"
            yield Break(kind="tag", name=tag, reason=reason)


def _case_break(case: CaseEvidence) -> Break:
    base, head = side_mean(case.base) or 0.0, side_mean(case.head) or 0.0
    asked = "" if len(case.head) == 1 else f", over {len(case.head)} answers"
    reason = f"critical, and its score went from {base:.2f} to {head:.2f}{asked}"
    return Break(kind="case", name=case.case.id, reason=reason)


def _change(case: CaseEvidence) -> float:
    return (side_mean(case.head) or 0.0) - (side_mean(case.base) or 0.0)
