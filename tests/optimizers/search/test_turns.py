from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.search.turns import in_turn


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
