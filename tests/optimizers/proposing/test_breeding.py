from __future__ import annotations

from types import SimpleNamespace

import pytest

from landrace.errors import BudgetExhaustedError
from landrace.optimizers.proposing.breeding import at_most, bred


class Nursery:
    """A study with so many runs; whoever is asked for a child pays one."""

    def __init__(self, runs):
        self.runs = runs
        self.entries = {}

    def runs_left(self):
        return self.runs

    def admit_all(self, candidates):
        found = [SimpleNamespace(digest=candidate) for candidate in dict.fromkeys(candidates)]
        self.entries.update({entry.digest: entry for entry in found})
        return found

    def parent(self, *children):
        for child in children:
            if not self.runs:
                raise BudgetExhaustedError("calls")
            self.runs -= 1
            yield child


def _names(entries):
    return [entry.digest for entry in entries]


def test_parents_take_turns_until_there_are_enough():
    study = Nursery(99)
    parents = [study.parent("a1", "a2"), study.parent("b1", None, "b2"), study.parent("c1", "a1")]
    assert _names(bred(study, parents, most=4, ends=0)) == ["a1", "b1", "c1", "a2"]
    assert study.runs == 95


def test_failures_do_not_use_up_what_stays_for_something_else():
    study = Nursery(20)
    found = bred(study, [study.parent("a", *[None] * 30, "b")], most=2, ends=12)
    assert _names(found) == ["a"]
    assert study.runs == 12


def test_what_was_made_is_admitted_when_the_budget_ends():
    study = Nursery(2)
    with pytest.raises(BudgetExhaustedError):
        bred(study, [study.parent("a", "b", "c")], most=9, ends=-1)
    assert list(study.entries) == ["a", "b"]


def test_known_candidates_are_no_children():
    study = Nursery(9)
    study.admit_all(["a"])
    assert _names(bred(study, [study.parent("a", "b")], most=9, ends=0)) == ["b"]


def test_failures_count_for_no_child():
    children = iter(["a", None, None, "b", "c"])
    assert list(at_most(2, children)) == ["a", None, None, "b"]
    assert list(at_most(2, iter([None]))) == [None]
