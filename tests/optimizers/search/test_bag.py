from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.search.bag import SHARPNESS, Bag

NAMES = ("a", "b", "c")

uses = st.lists(
    st.tuples(st.sampled_from(NAMES), st.floats(-1, 1), st.integers(0, 10_000)), max_size=30
)


def bag_after(history):
    bag = Bag(NAMES)
    for name, gain, tokens in history:
        bag = bag.learned(name, gain, tokens)
    return bag


@given(uses)
def test_chances_are_probabilities_and_nobody_is_given_up(history):
    chances = bag_after(history).chances(NAMES)
    assert sum(chances) == pytest.approx(1)
    assert min(chances) > 0
    assert max(chances) / min(chances) < 8  # e², and float noise
    assert SHARPNESS == 2


@given(uses, st.integers(0, 99))
def test_draws_are_those_of_the_stream(history, seed):
    bag = bag_after(history)
    draws = [[bag.draw(NAMES, rng) for _ in range(9)] for rng in map(random.Random, (seed, seed))]
    assert draws[0] == draws[1]


def test_while_nothing_has_gained_all_are_equal():
    assert Bag(NAMES).chances(NAMES) == pytest.approx([1 / 3] * 3)
    assert bag_after([("a", -0.5, 900), ("b", 0, 10)]).chances(NAMES) == pytest.approx([1 / 3] * 3)


def test_what_gains_more_per_token_is_drawn_more_often():
    bag = bag_after([("a", 0.1, 1000), ("b", 0.1, 4000), ("c", 0.0, 1000)] * 10)
    draws = Counter(bag.draw(NAMES, random.Random(n)) for n in range(3000))
    assert draws["a"] > 1.5 * draws["b"] > 1.5 * draws["c"] > 0


def test_one_lucky_use_is_not_believed_like_many():
    once = bag_after([("a", 0.2, 1000), ("b", 0, 1000), ("c", 0, 1000)])
    often = bag_after([("a", 0.2, 1000), ("b", 0, 1000), ("c", 0, 1000)] * 10)
    assert often.chances(NAMES)[0] > once.chances(NAMES)[0] > 1 / 3


def test_an_unused_operator_is_taken_to_be_like_the_others():
    bag = bag_after([("a", 0.2, 1000), ("b", 0, 1000)])
    a, b, c = bag.chances(NAMES)
    assert a > c > b


def test_a_bag_of_one_is_no_special_case():
    assert Bag(("a",)).draw(["a"], random.Random(1)) == "a"
