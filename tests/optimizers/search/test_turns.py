from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.search.turns import in_turn, turns


def test_a_step_goes_on_with_whose_turn_is_next():
    assert [turns("abc", step * 2, 2) for step in range(3)] == [["a", "b"], ["c", "a"], ["b", "c"]]


@given(st.lists(st.integers(), min_size=1, max_size=5), st.integers(0, 9), st.integers(0, 4))
def test_over_whole_rounds_all_have_as_many_turns(items, first, rounds):
    found = turns(items, first, rounds * len(items))
    assert sorted(found) == sorted(items * rounds)


def test_sources_take_turns_until_all_are_empty():
    sources = [iter([1, 2, 3]), iter([]), iter([None, 5])]
    assert list(in_turn(sources)) == [1, None, 2, 5, 3]


def test_no_source_is_asked_before_its_turn():
    def source(name):
        asked.append(name)
        yield name

    asked = []
    turns = in_turn([source("a"), source("b")])
    assert next(turns) == "a"
    assert asked == ["a"]


@given(st.lists(st.lists(st.integers(), max_size=4), max_size=4))
def test_nothing_is_lost_and_each_source_keeps_its_order(lists):
    tagged = [[(number, item) for item in items] for number, items in enumerate(lists)]
    found = list(in_turn([iter(items) for items in tagged]))
    assert sorted(found) == sorted(item for items in tagged for item in items)
    for number, items in enumerate(tagged):
        assert [item for item in found if item[0] == number] == items
