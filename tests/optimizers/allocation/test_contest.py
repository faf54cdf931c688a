from __future__ import annotations

from types import SimpleNamespace

import pytest

from colours import luck
from landrace.evaluation.table import ScoreTable
from landrace.optimizers.allocation.bandits import Pace
from landrace.optimizers.allocation.contest import best_in_full, best_of
from landrace.schemas.case import Case
from landrace.schemas.score import Outcome, Score, Usage

RULES = ("uniform", "ucb", "ucb-e", "rejects", "halving")


class Field:
    """A study of candidates whose chance to be right is known; it counts what is run."""

    def __init__(self, chances, cases=60, world=None, refused=lambda _entry, _case: False):
        self.select = tuple(
            Case(id=f"c{number}", inputs={}, expected="x") for number in range(cases)
        )
        self.table = ScoreTable()
        self.entries = [SimpleNamespace(digest=f"p{n}") for n in range(len(chances))]
        self._chances = dict(zip([e.digest for e in self.entries], chances, strict=True))
        self._world = world
        self._refused = refused
        self.runs = 0

    def evaluate(self, entries, cases):
        for entry in entries:
            for case in cases:
                if self.table.get(entry.digest, case.id) is None:
                    self.runs += 1
                    self.table.add(self._outcome(entry, case))

    def _outcome(self, entry, case):
        if self._refused(entry, case):
            none = (None, None, None, Usage(0, 0), 0.0, "refused")
            return Outcome(entry.digest, case.id, 0, *none, is_refused=True)
        score = Score(float(self._ease(entry, case) < self._chances[entry.digest]))
        return Outcome(entry.digest, case.id, 0, "x", "x", score, Usage(1, 1), 0.0)

    def _ease(self, entry, case):
        """Cases are as hard for all; in a numbered world candidates have luck of their own."""
        shared = luck("contest", self._world, case.id)
        if self._world is None:
            return shared
        return (shared + luck(self._world, case.id, entry.digest)) / 2

    def ranked(self, entries, cases):
        shared = self.table.shared([entry.digest for entry in entries], cases)
        return sorted(entries, key=lambda entry: -(self.table.mean(entry.digest, shared) or 0))

    def log(self, kind, **fields):
        pass


CHANCES = [0.2, 0.3, 0.25, 0.8, 0.35, 0.4, 0.3, 0.75, 0.2, 0.1, 0.3, 0.4]


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_the_best_of_the_field_and_keeps_to_its_runs(rule):
    field = Field(CHANCES)
    best = best_of(field, field.entries, 2, 240, rule=rule)
    assert {entry.digest for entry in best} == {"p3", "p7"}
    assert field.runs <= 240


@pytest.mark.parametrize("rule", ["ucb", "ucb-e"])
def test_bounds_give_the_promising_more_cases(rule):
    field = Field(CHANCES)
    best_of(field, field.entries, 2, 240, rule=rule, pace=Pace(20, 4, 0.3))
    counts = {e.digest: len(field.table.outcomes(e.digest, field.select)) for e in field.entries}
    assert min(counts["p3"], counts["p7"]) > 2 * counts["p9"] > 0


@pytest.mark.parametrize("rule", RULES)
def test_few_candidates_and_no_runs_end_at_once(rule):
    field = Field([0.5, 0.6])
    assert best_of(field, field.entries, 2, 100, rule=rule) == field.entries
    for runs in (0, -1, -7):
        assert best_of(field, field.entries, 1, runs, rule=rule) == field.entries[:1]
    assert field.runs == 0


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("runs", [1, 2, 5])
def test_hardly_any_runs_are_not_passed_either(rule, runs):
    field = Field([0.5, 0.6, 0.7], cases=1)
    assert len(best_of(field, field.entries, 1, runs, rule=rule)) == 1
    assert field.runs <= runs


@pytest.mark.parametrize("rule", ["ucb", "ucb-e"])
def test_bounds_go_on_with_what_is_known_and_pay_only_for_what_is_new(rule):
    field = Field([0.7, 0.6, 0.5, 0.4], cases=24)
    field.evaluate(field.entries[:1], field.select)
    field.evaluate(field.entries[1:2], [*field.select[:6], *field.select[10:14]])
    field.runs = 0
    best_of(field, field.entries, 1, 40, rule=rule, pace=Pace(4, 2, 1.0))
    assert field.runs == 40


@pytest.mark.parametrize("rule", ["ucb", "ucb-e"])
def test_bounds_without_runs_go_by_what_is_known(rule):
    field = Field([0.1, 0.2, 0.9], cases=24)
    field.evaluate(field.entries, field.select[:20])
    assert best_of(field, field.entries, 1, 0, rule=rule) == field.entries[2:]


@pytest.mark.parametrize("rule", ["ucb", "ucb-e"])
def test_bounds_end_when_there_are_no_cases_left(rule):
    field = Field(CHANCES, cases=3)
    best_of(field, field.entries, 2, 1000, rule=rule)
    assert field.runs == 3 * len(CHANCES)


@pytest.mark.parametrize("rule", ["ucb", "ucb-e"])
def test_bounds_take_no_second_block_for_who_is_refused(rule):
    field = Field(CHANCES, refused=lambda entry, _case: entry.digest in {"p1", "p5"})
    best = best_of(field, field.entries, 2, 240, rule=rule, pace=Pace(20, 4, 1.0))
    assert {entry.digest for entry in best} == {"p3", "p7"}
    assert [len(field.table.outcomes(name, field.select)) for name in ("p1", "p5")] == [3, 3]
    assert field.runs == 240


@pytest.mark.parametrize("rule", ["ucb", "ucb-e"])
def test_bounds_leave_nobody_behind_for_a_case_that_is_refused_to_all(rule):
    field = Field(CHANCES, refused=lambda _entry, case: case.id == "c0")
    best = best_of(field, field.entries, 2, 120, rule=rule, pace=Pace(40, 12, 1.0))
    assert {entry.digest for entry in best} == {"p3", "p7"}
    assert field.runs == 120


BY_RUNGS = ("uniform", "rejects", "halving")


def _compared(rule, *, known, runs=240, **options):
    """The field after a contest in which the first four were known on so many cases."""
    field = Field(CHANCES, cases=60)
    field.evaluate(field.entries[:4], field.select[:known])
    field.runs = 0
    best = best_of(field, field.entries, 4, runs, rule=rule, **options)
    assert len(best) == 4
    return field


@pytest.mark.parametrize("rule", BY_RUNGS)
def test_rungs_spend_what_is_saved_by_what_is_known(rule):
    fresh, field = (_compared(rule, known=known) for known in (0, 30))
    assert max(fresh.runs, field.runs) <= 240
    assert field.runs > 236  # a whole case for the last four could not be paid
    met = [
        min(len(f.table.outcomes(e.digest, f.select)) for e in f.entries) for f in (fresh, field)
    ]
    assert met[1] > met[0]


@pytest.mark.parametrize("rule", BY_RUNGS)
def test_rungs_end_where_all_is_known(rule):
    field = _compared(rule, known=60, runs=1000)
    assert field.runs <= 8 * 60


def test_nobody_meets_more_cases_than_wanted():
    field = _compared("uniform", known=30, runs=2000, cases=50)
    assert {len(field.table.outcomes(e.digest, field.select)) for e in field.entries} == {50}


def test_in_full_each_candidate_meets_all_cases():
    field = Field(CHANCES)
    assert [e.digest for e in best_in_full(field, field.entries, 2)] == ["p3", "p7"]
    assert field.runs == len(CHANCES) * 60


def test_on_shared_cases_halving_and_rejects_lose_less_than_equal_shares():
    """The best of 24 candidates for 20 cases each, in many worlds: what the choice has lost."""
    chances = [0.4 + 0.01 * number for number in range(24)]
    lost = dict.fromkeys(("uniform", "halving", "rejects"), 0.0)
    for world in range(30):
        for rule in lost:
            field = Field(chances, cases=120, world=world)
            (best,) = best_of(field, field.entries, 1, 20 * 24, rule=rule)
            lost[rule] += max(chances) - field._chances[best.digest]
    assert lost["halving"] < lost["uniform"]
    assert lost["rejects"] < 0.9 * lost["uniform"]
