from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import BudgetExhaustedError
from landrace.evaluation import pool
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


@pytest.fixture
def futures(monkeypatch):
    """What was submitted, by item, for those who wait for another."""
    found = {}

    class Watched(pool._Crew):
        def submit(self, item):
            found[item] = super().submit(item)
            return found[item]

    monkeypatch.setattr(pool, "_Crew", Watched)
    return found


def test_the_first_error_in_order_is_raised_and_nothing_new_begins(futures):
    begun = []
    submitted = threading.Event()

    def items():
        yield from range(3)
        submitted.set()
        yield from range(3, 1000)

    def run(item):
        """Of three at once the last fails first, then the second, and then the first is done."""
        begun.append(item)
        assert submitted.wait(timeout=20)
        if item < 2:
            futures[item + 1].exception(timeout=20)
        if item > 0:
            raise KeyError(item)
        return item

    results = ordered_map(run, items(), workers=3)
    assert next(results) == 0
    with pytest.raises(KeyError) as caught:
        next(results)
    assert caught.value.args == (1,)
    assert sorted(begun) == [0, 1, 2]


def test_calls_in_flight_are_abandoned_when_time_is_up():
    abandoned = threading.Event()
    done = []
    left = iter([5.0, 0.0, 0.0, 0.0])

    def run(item):
        if item == 1:
            abandoned.wait(timeout=20)
        done.append(item)
        return item

    results = ordered_map(run, range(2), workers=2, seconds_left=lambda: next(left))
    try:
        assert next(results) == 0
        with pytest.raises(BudgetExhaustedError):
            next(results)
        assert done == [0]
    finally:
        abandoned.set()
