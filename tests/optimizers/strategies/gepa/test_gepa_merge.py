from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.entry import Entry
from landrace.optimizers.strategies.gepa.merge import Union, ancestors, merged, stratified, unions
from landrace.schemas.candidate import Candidate, Slots
from strategy_world import cases

NODES = ("clue", "hint", "colour")


class Named:
    """As much of a variant as a merge looks at."""

    def __init__(self, digest):
        self.digest = digest


def entry(digest, **texts):
    nodes = {node: Slots(instruction=text, layout="user") for node, text in texts.items()}
    return Entry(Candidate(nodes=nodes), Named(digest))


BASE = entry("base")


def test_what_one_side_alone_has_changed_comes_from_that_side():
    better, worse = entry("one", clue="new clue"), entry("other", hint="new hint")
    child = merged(better, worse, BASE, NODES)
    assert child.slots("clue").instruction == "new clue"
    assert child.slots("hint").instruction == "new hint"
    assert child.slots("colour") == Slots()
    assert (child.operator, child.parents) == ("merge", ("one", "other"))


def test_what_both_have_changed_comes_from_the_better_one():
    better = entry("one", clue="better clue", colour="better colour")
    worse = entry("other", clue="worse clue", hint="worse hint")
    child = merged(better, worse, BASE, NODES)
    assert child.slots("clue").instruction == "better clue"
    assert child.slots("hint").instruction == "worse hint"
    assert child.slots("colour").instruction == "better colour"


def test_what_both_have_kept_is_the_ancestors():
    ancestor = entry("old", colour="old colour")
    better = entry("one", colour="old colour", clue="new clue")
    worse = entry("other", colour="old colour", hint="new hint")
    assert merged(better, worse, ancestor, NODES).slots("colour").instruction == "old colour"


def test_there_is_nothing_to_merge_where_one_side_has_nothing_of_its_own():
    changed, other = entry("one", clue="new clue"), entry("other", clue="other clue")
    assert merged(changed, other, BASE, NODES) is None
    assert merged(changed, BASE, BASE, NODES) is None
    assert merged(BASE, changed, BASE, NODES) is None


PARENTS = {"base": (), "a": ("base",), "b": ("base",), "aa": ("a",), "alien": ()}


def test_unions_are_of_cousins_with_a_common_ancestor():
    found = unions(["a", "b", "aa", "alien"], PARENTS)
    assert found == [Union("a", "b", "base"), Union("b", "aa", "base")]


def test_ancestors_come_nearest_first_and_once():
    parents = {**PARENTS, "merge": ("aa", "b")}
    assert ancestors("merge", parents) == ["aa", "b", "a", "base"]


grades = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0])), max_size=20
)


@given(grades, st.integers())
def test_a_sample_has_five_cases_or_all(pairs, seed):
    items = cases("select", len(pairs))
    ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]
    sample = stratified(items, ours, theirs, random.Random(seed))
    assert len(sample) == len({case.id for case in sample}) == min(5, len(items))
    drawn = [pairs[items.index(case)] for case in sample]
    for group in (
        lambda a, b: a > b,
        lambda a, b: a < b,
        lambda a, b: a == b,
    ):
        there = sum(group(a, b) for a, b in pairs)
        # Two of each, but for the last group, which gives way in a sample of five.
        assert sum(group(a, b) for a, b in drawn) >= min(there, 1)
