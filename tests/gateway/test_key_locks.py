from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from landrace.gateway.key_locks import KeyLocks


def test_one_at_a_time_holds_a_key():
    locks, crowd = KeyLocks(), threading.Barrier(8, timeout=20)
    inside = most = 0

    def enter(_number):
        nonlocal inside, most
        crowd.wait()
        for _ in range(50):
            with locks.holding("a"):
                inside += 1
                most = max(most, inside)
                inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enter, range(8)))
    assert (inside, most) == (0, 1)


def test_another_key_is_not_waited_for():
    locks, both = KeyLocks(), threading.Barrier(2, timeout=20)

    def enter(key):
        with locks.holding(key):
            both.wait()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(enter, "ab"))


def test_an_error_lets_go_of_the_key():
    locks = KeyLocks()
    with pytest.raises(ZeroDivisionError), locks.holding("a"):
        raise ZeroDivisionError
    with locks.holding("a"):
        pass
    assert not locks._held
