"""The frame of searches by rounds: equal parts of what is left, and what a lost round costs."""

from __future__ import annotations

import contextlib

import pytest

from landrace.errors import BudgetExhaustedError
from landrace.optimizers.proposing.opening import opened
from landrace.optimizers.search.rounds import confirming_runs, last_round, parts, rooted
from landrace.optimizers.strategy import Sizes
from landrace.schemas.candidate import Candidate
from sammo_world import study_of

OTHERS = tuple(
    Candidate.plain(operator="other", instruction=f"Red or blue, {n}?", layout="user")
    for n in range(3)
)


class Purse:
    """As much of a study as the frame needs: runs, and a stage that catches their end."""

    def __init__(self, runs):
        self._runs = runs

    def runs_left(self):
        return float(self._runs)

    def pay(self, runs):
        if runs > self._runs:
            raise BudgetExhaustedError("not that many")
        self._runs -= runs

    @contextlib.contextmanager
    def stage(self, _name, _note):
        with contextlib.suppress(BudgetExhaustedError):
            yield self._runs


@pytest.mark.parametrize("rounds", [1, 3, 7])
def test_rounds_that_use_their_part_share_all_runs(rounds):
    purse, taken = Purse(100), []
    for part in parts(purse, rounds):
        assert part.left() == part.runs
        purse.pay(part.runs)
        assert part.left() == 0
        taken.append(part.runs)
    assert sum(taken) == 100
    assert max(taken) - min(taken) <= 1


def test_what_a_round_leaves_is_shared_by_those_after_it():
    purse, runs = Purse(90), []
    for part in parts(purse, 3):
        runs.append(part.runs)
        purse.pay(10)
    assert runs == [30, 40, 70]


def test_a_round_in_which_the_budget_ends_is_lost_and_no_other():
    purse = Purse(25)

    def rounds(runs):
        assert runs == 25
        for number in range(9):
            purse.pay(10)
            yield number

    assert last_round(purse, "search", "", None, rounds) == 1


def test_without_a_whole_round_there_is_what_there_was():
    purse = Purse(5)

    def rounds(runs):
        purse.pay(2 * runs)
        yield "never"

    assert last_round(purse, "search", "", "before", rounds) == "before"


@pytest.mark.parametrize(("spare", "scored"), [(-5, 1), (23, 1), (48, 3), (1000, 4)])
def test_other_models_winners_take_root_as_far_as_runs_are_spare(tmp_path, spare, scored):
    with study_of(tmp_path, others=OTHERS) as study:
        found = rooted(study, opened(study), spare, 2)
        assert len(found) == min(2, scored)
        counts = [len(study.table.outcomes(each, study.select)) for each in study.entries]
        assert counts.count(len(study.select)) == scored


@pytest.mark.parametrize(("spare", "scored"), [(47, 0), (100, 1)])
def test_winners_that_cannot_be_taken_apart_are_scored_with_what_is_left(tmp_path, spare, scored):
    fixed = Candidate.plain(operator="fixed", source="As ever: {{ word }}, red or blue?\n")
    with study_of(tmp_path, others=(fixed, *OTHERS[:1])) as study:
        found = rooted(study, opened(study), spare, 4)
        assert "fixed" not in {entry.candidate.operator for entry in found}
        (entry,) = (e for e in study.entries.values() if e.candidate.operator == "fixed")
        assert len(study.table.outcomes(entry.digest, study.select)) == scored * len(study.select)


def test_whoever_has_all_cases_needs_no_confirming():
    sizes = Sizes(search=9, select=60, holdout=0, rivals=1)
    assert [confirming_runs(sizes, cases) for cases in (40, 60, 200)] == [60, 0, 0]
