from __future__ import annotations

from types import SimpleNamespace

import pytest

from landrace.optimizers.shown_cases import ShownCases
from landrace.optimizers.strategies.auto.gate import (
    Child,
    from_case,
    passes,
    slice_for,
    stays_ahead,
)
from landrace.optimizers.strategies.auto.standing import lead, standings
from landrace.schemas.candidate import Candidate, Demo
from strategy_world import cases

SEARCH, SELECT = cases("search", 16), cases("select", 16)


class Duel:
    """As much of a study as a gate needs: scores are given, and told only of what was run.

    Scores are those on the search cases and then, if there are as many again, on select.
    """

    def __init__(self, **scores):
        self.search, self.select, self.table = SEARCH, SELECT, self
        self.met = {}
        self.informative = ShownCases((*SEARCH, *SELECT)).unshown
        ids = [case.id for case in (*SEARCH, *SELECT)]
        self._scores = {name: dict(zip(ids, each, strict=False)) for name, each in scores.items()}

    def fits(self, _entry):
        return True

    def evaluate(self, entries, wanted):
        for entry in entries:
            self.met.setdefault(entry.digest, set()).update(case.id for case in wanted)

    def shared(self, digests, wanted):
        known = [self.met.get(digest, set()) for digest in digests]
        return [case for case in wanted if all(case.id in met for met in known)]

    def scores(self, digest, wanted):
        return [self._scores[digest][case.id] for case in wanted]

    def outcomes(self, digest, wanted):
        return [
            SimpleNamespace(case_id=c.id, score=SimpleNamespace(value=self._scores[digest][c.id]))
            for c in self.shared([digest], wanted)
        ]

    def errors(self, entry, wanted):
        return [case for case in wanted if self._scores[entry.digest][case.id] < 1]


def entry(name, *shown):
    demos = tuple(Demo(case_id=case.id, user="u", assistant="a") for case in shown)
    candidate = Candidate.plain(operator="given", demos=demos)
    return SimpleNamespace(digest=name, candidate=candidate, variant=SimpleNamespace(templates={}))


def child(name="child", *shown):
    return Child(entry(name, *shown), entry("parent"), "reflection", "prompt", 0)


EVEN = [1, 0] * 8


@pytest.mark.parametrize(
    ("scores", "verdict", "met"),
    [
        ([1] * 2 + EVEN[2:], True, 16),
        (EVEN, False, 16),
        ([0] * 2 + [1] * 14, True, 16),
        ([0] * 2 + EVEN[2:], False, 8),
    ],
    ids=["better", "equal", "better later", "behind half-way"],
)
def test_a_child_has_to_beat_its_parent_on_the_slice(scores, verdict, met):
    duel = Duel(parent=EVEN, child=scores)
    assert passes(duel, child(), SEARCH) is verdict
    assert len(duel.met["child"]) == len(duel.met["parent"]) == met


@pytest.mark.parametrize(("last", "verdict"), [(1, True), (0, False)])
def test_a_parent_without_mistakes_on_the_slice_need_only_be_equalled(last, verdict):
    duel = Duel(parent=[1] * 16, child=[1] * 15 + [last])
    assert passes(duel, child(), SEARCH) is verdict


def test_what_led_on_the_slice_may_fall_back_by_as_much_and_no_more():
    duel = Duel(parent=[0] * 16 + EVEN, child=[1] * 2 + [0] * 14 + [0] * 8 + EVEN[8:])
    duel.evaluate([entry("parent")], (*SEARCH, *SELECT))
    duel.evaluate([entry("child")], SEARCH)
    assert not stays_ahead(duel, child(), SELECT)
    assert len(duel.met["child"]) == 16 + 8
    duel = Duel(parent=[0] * 16 + EVEN, child=[1] * 4 + [0] * 12 + [0] * 8 + EVEN[8:])
    duel.evaluate([entry("parent")], (*SEARCH, *SELECT))
    duel.evaluate([entry("child")], SEARCH)
    assert stays_ahead(duel, child(), SELECT)


def test_a_case_counts_by_its_weight():
    first, *others = SEARCH
    weighted = [first.model_copy(update={"weight": 5.0}), *others]
    duel = Duel(parent=[0] + [1] * 3 + [0] * 12, child=[1] + [0] * 15)
    assert not passes(duel, child(), SEARCH)
    assert passes(duel, child(), weighted)
    assert standings(duel, [entry("child"), entry("parent")])[0].digest == "parent"
    duel.search = weighted
    assert standings(duel, [entry("parent"), entry("child")])[0].digest == "child"
    ahead, count = lead(duel, entry("child"), entry("parent"))
    assert (ahead, count) == (pytest.approx((5 - 3) * 16 / 20), 16)


def test_what_either_shows_as_an_example_says_nothing_of_the_two():
    one = Child(entry("child", SEARCH[0]), entry("parent", SEARCH[2]), "crossing", "prompt", 0)
    assert slice_for(Duel(), one, SEARCH, SELECT, 2) == [SEARCH[1], SEARCH[3]]
    duel = Duel(parent=[0] * 16, child=[1] * 16)
    duel.evaluate([one.entry, one.parent], SEARCH[:4])
    assert lead(duel, one.entry, one.parent) == (2.0, 2)


def test_no_child_is_judged_by_answers_that_its_maker_was_told():
    told = child()._replace(seen=frozenset(case.id for case in SEARCH[:4]))
    assert slice_for(Duel(), told, SEARCH, SELECT, 8) == list(SEARCH[4:12])


def test_only_where_few_search_cases_are_left_is_a_slice_filled_up_with_select():
    few = child("child", *SEARCH[:8])
    assert slice_for(Duel(), few, SEARCH, SELECT, 16) == list(SEARCH[8:])
    fewer = child("child", *SEARCH[:13])
    assert slice_for(Duel(), fewer, SEARCH, SELECT, 16) == [*SEARCH[13:], *SELECT[:5]]
    assert slice_for(Duel(), fewer, SEARCH, SELECT, 4) == [*SEARCH[13:], *SELECT[:1]]


def test_those_that_met_other_cases_are_compared_by_what_cases_give_to_anybody():
    """Easy cases make nobody better."""
    hard, easy = [0] * 8, [1] * 8
    duel = Duel(all=hard + easy, easy=hard + easy, better=[1] * 2 + hard[2:] + easy)
    for digest, met in (("all", SEARCH), ("easy", SEARCH[8:]), ("better", SEARCH[:8])):
        duel.evaluate([entry(digest)], met)
    found = standings(duel, [entry("easy"), entry("all"), entry("better")])
    assert found[0].digest == "better"


def test_a_little_luck_on_few_cases_is_not_believed():
    duel = Duel(many=[1] * 12 + [0] * 4, few=[1] * 16, poor=[0] * 16)
    for digest, met in (("many", SEARCH), ("few", SEARCH[:1]), ("poor", SEARCH)):
        duel.evaluate([entry(digest)], met)
    found = standings(duel, [entry("poor"), entry("few"), entry("many")])
    assert [each.digest for each in found] == ["many", "few", "poor"]


def test_without_scores_the_order_stays():
    assert standings(Duel(), [entry("a"), entry("b")])[0].digest == "a"


def test_slices_go_round():
    assert from_case(SEARCH, 30)[:3] == [*SEARCH[14:], SEARCH[0]]
    assert from_case(SEARCH, 16) == list(SEARCH)
    assert from_case([], 3) == []
