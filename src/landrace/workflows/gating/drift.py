"""What a changed suite does to the scores, beside the verdict, which the old suite gives.

Base's outputs on cases that both suites have are graded by both: what differs there is the
metric's doing, since the outputs are the same. They come out of the ledger; only a judge that
changed is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.digest import json_digest
from landrace.errors import BudgetExhaustedError, CallsRefusedError, LandraceError, OutageError
from landrace.evaluation.table import ScoreTable
from landrace.key_order import values_in_order
from landrace.schemas.gate_report import Drift, SuiteMeans
from landrace.workflows.gating.sides import BASE, HEAD
from landrace.workflows.gating.suite import adapted, why_not_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.schemas.case import Case
    from landrace.workflows.gating.cell_run import CellRun
    from landrace.workflows.gating.sides import Contestant, Match
    from landrace.workflows.gating.suite import Suite

SUITE = ("cases", "metrics", "splits")
MOST_CASES = 1000  # of a suite that head wrote: it must not decide what a gate costs


def find_drift(run: CellRun) -> Drift | None:
    """Both suites side by side; None where the suite is what it was."""
    match, new = run.match, run.match.new_suite
    if new is None:
        return None
    changed = tuple(name for name in SUITE if name in match.cell.changed)
    new = bounded(new)
    table, refused = ScoreTable(), why_not_run(match.suite.metric, new.metric)
    if not refused:
        refused = _ask(run, new, table)
    common = _common(match.suite.cases, new.cases) if "metrics" in changed else []
    regraded = [
        (old, case)
        for old, case in common
        if run.table.has_score(BASE, old.id) and table.has_score(BASE, case.id)
    ]
    return Drift(
        changed=changed,  # type: ignore[arg-type]  # a part of SUITE
        old=_means(run.table, match.suite.cases),
        new=None if refused else _means(table, new.cases),
        regraded_cases=len(regraded),
        regraded_before=_round(run.table.mean(BASE, [old for old, _ in regraded])),
        regraded_after=_round(table.mean(BASE, [case for _, case in regraded])),
        refused=refused,
    )


def drift_answers(match: Match) -> int:
    """The most answers of models that `find_drift` can need, known ones included."""
    new = match.new_suite
    if new is None or why_not_run(match.suite.metric, new.metric):
        return 0
    old = len(match.suite.cases) if match.is_same else 0
    graded = len(bounded(new).cases)
    return old * match.calls_a_case(match.suite) + graded * match.calls_a_case(new)


def bounded(new: Suite) -> Suite:
    """As much of head's suite as is asked."""
    return new._replace(cases=new.cases[:MOST_CASES], written=new.written[:MOST_CASES])


def _ask(run: CellRun, new: Suite, table: ScoreTable) -> str:
    """Score both sides by the new suite; says why that was not to be had, or nothing."""
    match = run.match
    try:
        if match.is_same:
            run.ask(match.head, match.suite.metric, match.head.cases, run.table)
            run.ask(match.base, match.suite.metric, match.base.cases, run.table)
        for side in (match.head, match.base):
            run.ask(side, new.metric, _taken(new, side), table)
    except (BudgetExhaustedError, CallsRefusedError, OutageError) as error:
        return error.problem
    return ""


def _taken(new: Suite, side: Contestant) -> Sequence[Case]:
    """The new cases as a side takes them; none where its prompt has other inputs."""
    try:
        cases = adapted(new.written, side.source)
        for case in cases:
            side.variant.first_messages(case.inputs)
    except LandraceError:
        return ()
    return cases


def _common(old: Sequence[Case], new: Sequence[Case]) -> list[tuple[Case, Case]]:
    """Cases that ask the same, whatever is expected."""
    by_inputs = {_question(case): case for case in new}
    pairs = ((case, by_inputs.get(_question(case))) for case in old)
    return [(case, other) for case, other in pairs if other is not None]


def _question(case: Case) -> str:
    return json_digest(values_in_order(case.inputs))


def _means(table: ScoreTable, cases: Sequence[Case]) -> SuiteMeans:
    """Means on the cases on which both sides have a score, or else each side's own."""
    both = table.shared([BASE, HEAD], cases)
    return SuiteMeans(
        cases=len(both) or len(table.shared([HEAD], cases)),
        base=_round(table.mean(BASE, both or cases)),
        head=_round(table.mean(HEAD, both or cases)),
    )


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
