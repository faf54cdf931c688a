from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.allocation.challenge import BLOCK, holds, keeps_up
from strategy_world import cases

PARENT, CHILD = SimpleNamespace(digest="parent"), SimpleNamespace(digest="child")


class Duel:
    """As much of a study as a challenge needs; the scores are given, those of the child late."""

    def __init__(self, parent, child, weights=None):
        plain = cases("select", len(parent))
        weights = weights or [1.0] * len(parent)
        self.select = tuple(
            case.model_copy(update={"weight": weight})
            for case, weight in zip(plain, weights, strict=True)
        )
        self.table = self
        names = [case.id for case in self.select]
        self._parent = dict(zip(names, parent, strict=True))
        self._child = dict(zip(names, child, strict=True))
        self.met = {}

    def evaluate(self, entries, new):
        assert entries == [CHILD]
        self.met |= {case.id: self._child[case.id] for case in new}

    def shared(self, digests, wanted):
        known = [self._scores(digest) for digest in digests]
        return [c for c in wanted if all(each.get(c.id) is not None for each in known)]

    def total(self, digest, wanted):
        return math.fsum(self._scores(digest)[case.id] * case.weight for case in wanted)

    def ranked(self, entries, wanted):
        shared = self.shared([entry.digest for entry in entries], wanted)
        return sorted(entries, key=lambda entry: -self.total(entry.digest, shared))

    def log(self, kind, **fields):
        assert kind == "challenge"
        assert fields["cases"] == len(self.met)

    def _scores(self, digest):
        return self._parent if digest == "parent" else self.met


@pytest.mark.parametrize(
    ("parent", "child", "verdict", "met"),
    [
        ([1] * 20, [1] * 20, True, 20),
        ([1] * 20, [0] + [1] * 19, False, BLOCK),
        ([1] * 10 + [0] * 10, [0] * 10 + [1] * 10, True, 20),
        ([1] * 15 + [0] * 5, [0] * 6 + [1] * 14, False, BLOCK),
        ([1] * 15 + [0] * 5, [0] * 5 + [1] * 15, True, 20),
    ],
)
def test_it_ends_as_soon_as_the_child_cannot_catch_up(parent, child, verdict, met):
    duel = Duel(parent, child)
    assert holds(duel, CHILD, PARENT) is verdict
    assert len(duel.met) == met


score = st.sampled_from([0.0, 0.25, 0.5, 1.0])
child_score = st.one_of(score, st.none())  # its call may fail


weight = st.sampled_from([0.25, 1.0, 8.0])


@given(st.lists(st.tuples(score, child_score, weight), min_size=1, max_size=40))
def test_what_is_saved_changes_no_verdict(rows):
    duel = Duel(*(list(column) for column in zip(*rows, strict=True)))
    lead = math.fsum((theirs - ours) * w for ours, theirs, w in rows if theirs is not None)
    assert holds(duel, CHILD, PARENT) is (lead >= 0)


def test_one_that_wins_a_heavy_case_at_the_end_is_followed_to_it():
    duel = Duel([1] * 8 + [0], [0] * 8 + [1], [1.0] * 8 + [9.0])
    assert holds(duel, CHILD, PARENT)


@pytest.mark.parametrize(
    ("parent", "child", "verdict", "met"),
    [
        ([1] * 20, [1] * 20, True, 20),
        ([1] * 20, [0] + [1] * 19, False, 5),
        ([0] * 5 + [1] * 15, [1] * 4 + [0] * 16, False, 10),
        ([1] * 19 + [0], [1] * 19 + [0], True, 20),
        ([1], [0], False, 1),
    ],
)
def test_one_that_falls_behind_early_is_not_followed_further(parent, child, verdict, met):
    duel = Duel(parent, child)
    assert keeps_up(duel, CHILD, PARENT, duel.select) is verdict
    assert len(duel.met) == met
