from __future__ import annotations

from landrace.evaluation.table import ScoreTable
from landrace.schemas.case import Case
from landrace.schemas.score import Outcome, Score, Usage


def test_those_whose_calls_fail_are_not_heard():
    table = ScoreTable()
    known = [Case(id=f"c{n}", inputs={}, expected="x") for n in range(20)]
    for name, answered in (("all", 20), ("most", 19), ("few", 18)):
        for case in known[:answered]:
            table.add(Outcome(name, case.id, 0, "x", "x", Score(1.0), Usage(), 0.0))
    assert table.heard(["few", "most", "all", "none"], known, 0.95) == ["most", "all"]
