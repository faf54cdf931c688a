"""Races of candidates whose chance to be right is known."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from colours import luck
from landrace.evaluation.table import ScoreTable
from landrace.optimizers.allocation.racing import Pace, missing, raced
from landrace.optimizers.objective import Objective
from landrace.schemas.case import Case
from landrace.schemas.pipeline import Policy
from landrace.schemas.score import Outcome, Score, Usage

PACE = Pace(block=10, blocks=10, alpha=0.2)


class Track:
    """A study of candidates by chance to be right and input tokens; a chance of None fails."""

    def __init__(self, chances, *, tokens=(), cases=60, runs=10_000, objective=None, too_long=()):
        self.select = tuple(Case(id=f"c{n}", inputs={}, expected="x") for n in range(cases))
        self.table = ScoreTable()
        self.setting = SimpleNamespace(policy=Policy())
        self.entries = [SimpleNamespace(digest=f"p{n}") for n in range(len(chances))]
        self.base = self.rival = self.entries[0]
        self.objective = objective
        self.rounds = []
        self.asked = []
        self._left = runs
        self._too_long = too_long
        self._chances = chances
        self._tokens = tokens or [100] * len(chances)

    def fits(self, entry):
        return int(entry.digest[1:]) not in self._too_long

    def fitting(self, entries):
        return [entry for entry in entries if self.fits(entry)] or list(entries)

    def runs_left(self):
        return self._left

    def evaluate(self, entries, cases):
        self._left -= missing(self, entries, cases)
        self.asked += [int(entry.digest[1:]) for entry in entries]
        for entry in entries:
            number = int(entry.digest[1:])
            chance = self._chances[number]
            for case in cases:
                score = None if chance is None else Score(float(luck("race", case.id) < chance))
                usage = Usage(self._tokens[number], 1)
                self.table.add(Outcome(entry.digest, case.id, 0, "x", "x", score, usage, 0.0))

    def ranked(self, entries, cases):
        def merit(entry):
            if self.objective is None:
                return (-(self.table.mean(entry.digest, cases) or 0),)
            return self.objective.merit(self.table, entry.digest, self.base.digest, cases)

        return sorted(sorted(entries, key=merit), key=lambda entry: not self.fits(entry))

    def log(self, kind, **fields):
        self.rounds.append(
            (kind, fields["cases"], [int(digest[1:]) for digest in fields["digests"]])
        )


def _numbers(entries):
    return [int(entry.digest[1:]) for entry in entries]


CHANCES = [0.62, 0.2, 0.9, 0.3, 0.7, 0.1]


def test_the_best_survive_and_losers_meet_no_more_cases():
    track = Track(CHANCES)
    assert _numbers(raced(track, track.entries, 2, PACE)) == [2, 4]
    met = {n: len(track.table.outcomes(f"p{n}", track.select)) for n in range(6)}
    assert met[5] < met[2]
    assert met[2] == met[4] == track.rounds[-1][1]


def test_a_heavy_case_weighs_in_a_race_as_it_does_in_the_ranking():
    """The one wins a single case of forty, which weighs as much as a hundred."""
    track = Track([0.0, 0.0], cases=40)
    track.select = tuple(
        case.model_copy(update={"weight": 100.0 if number == 0 else 1.0})
        for number, case in enumerate(track.select)
    )
    for entry, right in zip(track.entries, ({0}, set(range(1, 21))), strict=True):
        for number, case in enumerate(track.select):
            score = Score(float(number in right))
            track.table.add(Outcome(entry.digest, case.id, 0, "x", "x", score, Usage(), 0.0))
    pace = Pace(block=40, blocks=1, alpha=0.2)
    assert _numbers(raced(track, track.entries, 1, pace)) == [0]


def test_a_race_ends_when_no_more_are_left_than_survive():
    track = Track([0.0, 0.0, 1.0])
    raced(track, track.entries, 1, PACE)
    assert track.rounds == [("survivors", 10, [2])]


def test_newcomers_meet_the_first_block_though_all_may_stay():
    track = Track([0.9, 0.1, 0.5])
    track.evaluate(track.entries[:1], track.select[:10])
    track.asked.clear()
    assert _numbers(raced(track, track.entries, 3, PACE)) == [0, 2, 1]
    assert track.asked == [1, 2]
    assert track.rounds == [("survivors", 10, [0, 1, 2])]


def test_where_all_may_stay_and_nobody_is_new_there_is_no_race():
    track = Track([0.1, 0.9])
    track.evaluate(track.entries, track.select[:10])
    assert _numbers(raced(track, track.entries, 2, PACE)) == [0, 1]
    assert track.rounds == []


def test_a_race_of_equals_ends_with_its_blocks_and_keeps_the_first():
    track = Track([0.5, 0.5, 0.5])
    assert _numbers(raced(track, track.entries, 2, PACE._replace(blocks=3))) == [0, 1]
    assert [cases for _, cases, _ in track.rounds] == [10, 20, 30]


def test_no_block_is_begun_that_cannot_be_paid_for_all():
    track = Track([0.5, 0.5, 0.5], runs=75)
    raced(track, track.entries, 1, PACE)
    assert [cases for _, cases, _ in track.rounds] == [10, 20]
    assert track.runs_left() == 15


def test_what_is_to_be_spared_is_left():
    track = Track([0.5, 0.5, 0.5], runs=75)
    raced(track, track.entries, 1, PACE, spare=20)
    assert track.runs_left() == 45


def test_without_a_first_block_the_order_stays():
    track = Track(CHANCES, runs=30)
    assert _numbers(raced(track, track.entries, 2, PACE)) == [0, 1]
    assert track.rounds == []


def test_what_was_scored_before_costs_nothing_again():
    track = Track(CHANCES)
    track.evaluate(track.entries[:3], track.select[:10])
    assert missing(track, track.entries, track.select[:10]) == 30
    assert missing(track, track.entries, track.select[:12]) == 30 + 12


def test_who_has_met_a_block_is_not_run_on_it_again_though_calls_failed():
    track = Track([None, 0.5, 0.5])
    track.evaluate(track.entries[:2], track.select[:10])
    track.asked.clear()
    raced(track, track.entries, 1, PACE._replace(blocks=1))
    assert track.asked == [2]


def test_one_whose_calls_fail_does_not_keep_the_others_from_being_compared():
    track = Track([0.1, None, 0.9])
    assert _numbers(raced(track, track.entries, 1, PACE)) == [2]


@pytest.mark.parametrize(("weight", "winner"), [(0.0, 0), (0.1, 1)])
def test_of_two_that_are_equally_right_the_cheaper_wins_where_it_counts(weight, winner):
    objective = Objective(tokens=weight, output_weight=0.0)
    track = Track([0.5, 0.5], tokens=[200, 100], objective=objective)
    assert _numbers(raced(track, track.entries, 1, PACE)) == [winner]
    assert track.rounds[0] == ("survivors", 10, [1] if weight else [0, 1])


def test_a_dear_one_that_is_right_much_more_often_still_wins():
    objective = Objective(tokens=0.05, output_weight=0.0)
    track = Track([0.3, 0.9], tokens=[100, 300], objective=objective)
    assert _numbers(raced(track, track.entries, 1, PACE)) == [1]


def test_who_is_too_long_beats_nobody_who_fits():
    track = Track([0.2, 0.95, 0.3, 0.9, 0.1], too_long=(1, 3))
    assert _numbers(raced(track, track.entries, 2, PACE)) == [2, 0]
    met = {n: len(track.table.outcomes(f"p{n}", track.select)) for n in range(5)}
    assert met[1] == met[3] == PACE.block


def test_where_all_are_too_long_they_race_among_themselves():
    track = Track([0.2, 0.95, 0.3], too_long=(0, 1, 2))
    assert _numbers(raced(track, track.entries, 1, PACE)) == [1]
