"""The last stage of a search with a bound: what loses little for certain."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from landrace.errors import BudgetExhaustedError
from landrace.evaluation.table import ScoreTable
from landrace.optimizers.objective import Objective
from landrace.optimizers.strategies.sammo.confirming import BLOCK, confirm
from landrace.schemas.pipeline import Policy
from landrace.schemas.score import Outcome, Score, Usage
from strategy_world import cases

SEARCH, SELECT = cases("search", 2 * BLOCK + 4), cases("select", 20)
BOUND = Objective(accuracy=0, tokens=1, max_drop=0.05)


def entry(name):
    return SimpleNamespace(digest=name)


class Contest:
    """As much of a study as it needs.

    ``rivals`` are what is cheaper than the base, the cheapest first, with the search cases that
    each gets wrong; all are right on select, and the base is right on everything. ``met`` is how
    many select cases each has met, ``tokens`` says how long each is.
    """

    def __init__(
        self,
        *,
        known=(),
        shown=(),
        blocks=99,
        met=20,
        finalists=(),
        min_saving=0.0,
        held_out=400,
        tokens=None,
        **rivals,
    ):
        self.wrong, self._tokens = {**rivals, "base": ()}, tokens or {}
        self.entries = {name: entry(name) for name in self.wrong}
        self.rival = self.entries["base"]
        self.finalists = [self.entries[name] for name in finalists]
        self.search, self.select, self.table = SEARCH, SELECT, ScoreTable()
        self.objective, self.eligible = BOUND, None
        policy = Policy(margin=0.05, min_saving=min_saving)
        self.setting = SimpleNamespace(policy=policy, holdout_size=held_out)
        self._shown, self._blocks, self.logged = shown, blocks, []
        self.too_long = set()
        for name in rivals:
            self._answer(name, SELECT[:met])
        self._answer("base", SELECT)
        for name in known:
            self._answer(name, SEARCH)

    def fits(self, entry):
        return entry.digest not in self.too_long

    def fresh_cases(self, _entry):
        return [case for case in SEARCH if case.id not in self._shown]

    def evaluate(self, entries, wanted):
        if all(self.table.has_score(e.digest, case.id) for e in entries for case in wanted):
            return
        if self._blocks == 0:
            raise BudgetExhaustedError("no calls")
        self._blocks -= 1
        for each in entries:
            self._answer(each.digest, wanted)

    def met(self, name):
        return len(self.table.outcomes(name, SEARCH))

    def log(self, kind, **fields):
        self.logged.append((kind, fields["digest"], fields["sure"]))

    def _answer(self, name, wanted):
        lost = {case.id for case in self.wrong[name]}
        for case in wanted:
            score = Score(float(case.id not in lost))
            usage = Usage(self._tokens.get(name, 10 + list(self.wrong).index(name)), 1)
            self.table.add(Outcome(name, case.id, 0, "x", "x", score, usage, 0.0))


def test_the_best_and_its_rival_meet_all_fresh_cases():
    contest = Contest(short=(), shown=["search0"])
    confirm(contest, contest.finalists)
    assert contest.met("short") == contest.met("base") == len(SEARCH) - 1
    assert contest.eligible == {"base", "short"}
    assert contest.objective is BOUND


def test_what_loses_too_much_makes_way_for_the_next_at_once():
    contest = Contest(lucky=SEARCH[:9], safe=())
    confirm(contest, contest.finalists)
    assert contest.met("lucky") == BLOCK
    assert contest.met("safe") == len(SEARCH)
    assert contest.eligible == {"base", "safe"}


def test_what_may_only_seem_to_lose_little_is_not_chosen():
    """Two of forty wrong is a loss of .05 as it is, and with its standard error more."""
    contest = Contest(lucky=SEARCH[-2:], safe=())
    confirm(contest, contest.finalists)
    assert contest.logged == [("confirmed", "lucky", False), ("confirmed", "safe", True)]
    assert contest.eligible == {"base", "safe"}


def test_what_the_best_alone_has_met_its_rival_has_to_meet():
    contest = Contest(known=["short"], short=())
    confirm(contest, contest.finalists)
    assert contest.met("base") == len(SEARCH)


def test_where_nothing_is_better_nothing_is_spent():
    contest = Contest(blocks=0)
    confirm(contest, contest.finalists)
    assert contest.eligible == {"base"}


def test_what_is_not_confirmed_when_the_calls_end_is_not_chosen():
    contest = Contest(short=(), blocks=2)
    with pytest.raises(BudgetExhaustedError):
        confirm(contest, contest.finalists)
    assert contest.eligible == {"base"}
    assert contest.objective is BOUND


def test_what_has_met_a_part_of_select_meets_the_rest_of_it_first():
    contest = Contest(short=(), met=17)
    confirm(contest, contest.finalists)
    assert len(contest.table.outcomes("short", SELECT)) == len(SELECT)
    assert contest.eligible == {"base", "short"}


@pytest.mark.parametrize(("finalists", "chosen"), [((), "base"), (("short",), "short")])
def test_what_few_cases_are_known_of_is_tried_if_it_is_a_finalist(finalists, chosen):
    contest = Contest(short=(), met=8, finalists=finalists)
    confirm(contest, contest.finalists)
    assert contest.eligible == {"base", chosen}


def test_nothing_is_spent_on_what_the_policy_takes_for_too_long():
    contest = Contest(blocks=0, long=())
    contest.too_long = {"long"}
    confirm(contest, contest.finalists)
    assert contest.eligible == {"base"}


def test_one_case_lost_of_a_few_is_not_held_against_it():
    """One of twenty is more than the bound as it is; of all that is known it is less."""
    contest = Contest(unlucky=SEARCH[:1], met=17)
    contest.wrong["unlucky"] = (SELECT[16],)
    contest.table = ScoreTable()
    contest._answer("unlucky", SELECT[:17])
    contest._answer("base", SELECT)
    confirm(contest, contest.finalists)
    assert contest.eligible == {"base", "unlucky"}


def test_the_likelier_goes_first_and_wins_where_it_saves_nearly_as_much():
    """A token less is not worth the risk that the holdout sees a loss."""
    contest = Contest(short=SELECT[:1], safe=(), held_out=100)
    confirm(contest, contest.finalists)
    assert contest.logged == [("confirmed", "safe", True)]
    assert contest.eligible == {"base", "safe"}


def test_what_saves_much_more_is_worth_the_risk():
    contest = Contest(tiny=SEARCH[:1], safe=(), tokens={"tiny": 1, "safe": 14, "base": 20})
    confirm(contest, contest.finalists)
    assert contest.eligible == {"base", "tiny"}


def test_what_saves_too_little_for_the_policy_is_not_chosen():
    tokens = {"some": 13, "much": 11, "base": 20}
    contest = Contest(some=(), much=SELECT[:1], tokens=tokens, min_saving=0.4)
    confirm(contest, contest.finalists)
    assert contest.eligible == {"base", "much"}


@pytest.mark.parametrize(("held_out", "chosen"), [(150, "safe"), (2000, "short")])
def test_the_fewer_are_held_out_the_less_a_saving_is_worth_the_risk(held_out, chosen):
    """Of 2,000 the interval is narrow, so that a small loss will not keep the shorter back."""
    tokens = {"short": 10, "safe": 14, "base": 20}
    contest = Contest(short=SEARCH[:1], safe=(), tokens=tokens, held_out=held_out)
    confirm(contest, contest.finalists)
    assert contest.eligible == {"base", chosen}


def test_what_is_much_better_needs_no_saving():
    contest = Contest(better=(), tokens={"better": 19, "base": 20}, min_saving=0.4)
    contest.objective = Objective(accuracy=1, tokens=0.2, max_drop=0.05)
    contest.wrong["base"], contest.table = (*SELECT[:12], *SEARCH[:12]), ScoreTable()
    for name in contest.wrong:
        contest._answer(name, SELECT)
    confirm(contest, contest.finalists)
    assert contest.eligible == {"base", "better"}


def test_what_was_confirmed_stays_where_the_calls_end_with_the_next():
    tokens = {"short": 9, "late": 10, "base": 20}
    contest = Contest(short=SEARCH[-1:], late=(), tokens=tokens, blocks=4)
    with pytest.raises(BudgetExhaustedError):
        confirm(contest, contest.finalists)
    assert contest.met("late") == BLOCK
    assert contest.eligible == {"base", "short"}
