"""The last stage of a search with a bound: who is best once search cases count, too."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from landrace.errors import BudgetExhaustedError
from landrace.optimizers.strategies.sammo.confirming import BLOCK, confirm
from strategy_world import cases

SEARCH = cases("search", 2 * BLOCK + 3)
RIVAL, QUICK, SAFE = (SimpleNamespace(digest=name) for name in ("rival", "quick", "safe"))


class Contest:
    """As much of a study as it needs. ``quick`` is best until it has met some cases.

    Scores of calls that failed for good are outcomes without a score.
    """

    def __init__(self, *, known=(), shown=(), endures=0, blocks=99):
        self.base, self.incumbent, self.search, self.table = RIVAL, None, SEARCH, self
        self.met = {RIVAL.digest: [], QUICK.digest: list(known), SAFE.digest: []}
        self._shown, self._endures, self.blocks = shown, endures, 0
        self._most, self.eligible = blocks, None

    def best(self):
        return QUICK if len(self.met["quick"]) <= self._endures else SAFE

    def fresh_cases(self, _entry):
        return [case for case in SEARCH if case.id not in self._shown]

    def outcomes(self, digest, wanted):
        ids = {case.id for case in wanted}
        return [SimpleNamespace(case_id=n, score=None) for n in self.met[digest] if n in ids]

    def evaluate(self, entries, wanted):
        if self.blocks == self._most:
            raise BudgetExhaustedError("no calls")
        self.blocks += 1
        for entry in entries:
            self.met[entry.digest] += [c.id for c in wanted if c.id not in self.met[entry.digest]]

    def log(self, *_args, **_fields):
        pass


def test_the_best_and_its_rival_meet_all_fresh_cases_in_blocks():
    contest = Contest(endures=len(SEARCH), shown=["search0"])
    confirm(contest)
    fresh = [case.id for case in SEARCH[1:]]
    assert contest.met == {"rival": fresh, "quick": fresh, "safe": []}
    assert contest.blocks == 3
    assert contest.eligible == {"rival", "quick"}


def test_another_that_becomes_best_is_confirmed_in_its_turn():
    contest = Contest(endures=0)
    confirm(contest)
    assert len(contest.met["quick"]) == BLOCK
    assert len(contest.met["safe"]) == len(contest.met["rival"]) == len(SEARCH)
    assert contest.eligible == {"rival", "safe"}


def test_what_the_best_alone_has_met_the_rival_has_to_meet():
    contest = Contest(endures=len(SEARCH), known=[case.id for case in SEARCH])
    confirm(contest)
    assert len(contest.met["rival"]) == len(SEARCH)


def test_where_the_rival_stays_best_nothing_is_spent():
    contest = Contest()
    contest.best = lambda: RIVAL
    confirm(contest)
    assert contest.blocks == 0
    assert contest.eligible == {"rival"}


def test_what_is_not_confirmed_when_the_calls_end_is_not_chosen():
    contest = Contest(endures=len(SEARCH), blocks=2)
    with pytest.raises(BudgetExhaustedError):
        confirm(contest)
    assert contest.eligible == {"rival"}
