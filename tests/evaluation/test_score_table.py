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


def failed(candidate, case, error, *, is_refused):
    return Outcome(candidate, case, 0, None, None, None, Usage(), 0.0, error, is_refused=is_refused)


def test_failures_are_told_of_one_candidate_or_of_all():
    table = ScoreTable()
    table.add(Outcome("well", "a", 0, "x", "x", Score(1.0), Usage(), 0.0))
    assert table.failure() is None
    table.add(failed("long", "a", "too long\nby far", is_refused=True))
    table.add(failed("long", "b", "far too long", is_refused=True))
    assert table.failure() == table.failure("long") == ("too long", "far too long", True)
    assert table.refusal() == "too long"
    table.add(failed("late", "a", "503", is_refused=False))
    assert table.failure("well") is None
    assert table.failure("late") == ("503", "503", False)
    assert table.failure("long") == ("too long", "far too long", True)
    assert table.failure() == ("too long", "503", False)
    assert table.refusal() == ""
    assert table.refusal("long") == "too long"
    table.forget("long")
    assert table.failure("long") is None
    assert table.coverage() == 0.5
