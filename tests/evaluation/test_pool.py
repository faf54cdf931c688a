from __future__ import annotations

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import BudgetExhaustedError
from landrace.evaluation.pool import AHEAD, ordered_map


@given(st.lists(st.integers(), max_size=60), st.integers(1, 9))
def test_it_is_map(items, workers):
    assert list(ordered_map(lambda item: item * 2, items, workers=workers)) == [
        i * 2 for i in items
    ]


def test_it_runs_as_many_at_once_as_asked():
    together = threading.Barrier(8, timeout=20)
    assert len(list(ordered_map(lambda _: together.wait(), range(8), workers=8))) == 8


def test_it_reads_only_a_little_ahead():
    read = []

    def items():
        for number in range(1000):
            read.append(number)
            yield number

    results = ordered_map(lambda item: item, items(), workers=2)
    next(results)
    assert len(read) <= 2 * AHEAD + 1


def test_the_first_error_in_order_is_raised_and_nothing_new_begins():
    begun = []

    def run(item):
        begun.append(item)
        if item == 3:
            raise KeyError(item)
        return item

    results = ordered_map(run, range(1000), workers=2)
    assert list(itertools.islice(results, 3)) == [0, 1, 2]
    with pytest.raises(KeyError):
        next(results)
    assert len(begun) < 20


def test_calls_in_flight_are_abandoned_when_time_is_up():
    never = threading.Event()
    left = iter([5.0, 0.0, 0.0, 0.0])

    def run(item):
        if item == 1:
            never.wait()
        return item

    results = ordered_map(run, range(2), workers=2, seconds_left=lambda: next(left))
    assert next(results) == 0
    with pytest.raises(BudgetExhaustedError):
        next(results)
    never.set()
