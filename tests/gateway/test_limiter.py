from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import TransientCallError
from landrace.gateway.limiter import AdaptiveLimiter


def fail(limiter: AdaptiveLimiter) -> None:
    with suppress(TransientCallError), limiter.slot():
        raise TransientCallError("429")


def succeed(limiter: AdaptiveLimiter, times: int = 1) -> None:
    for _ in range(times):
        with limiter.slot():
            pass


def test_a_transient_failure_halves_the_limit():
    limiter = AdaptiveLimiter(8)
    fail(limiter)
    assert limiter.limit == 4


def test_calls_in_flight_together_halve_it_once():
    limiter = AdaptiveLimiter(8)
    together = threading.Barrier(8)

    def call() -> None:
        with suppress(TransientCallError), limiter.slot():
            together.wait()
            raise TransientCallError("429")

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(call) for _ in range(8)]:
            future.result()
    assert limiter.limit == 4


def test_never_falls_below_one():
    limiter = AdaptiveLimiter(3)
    for _ in range(5):
        fail(limiter)
    assert limiter.limit == 1


def test_a_window_of_successes_raises_it_by_one():
    limiter = AdaptiveLimiter(8)
    fail(limiter)
    succeed(limiter, 3)
    assert limiter.limit == 4
    succeed(limiter)
    assert limiter.limit == 5


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_other_errors_free_the_place_and_change_nothing(error):
    limiter = AdaptiveLimiter(1)
    with pytest.raises(error), limiter.slot():
        raise error
    succeed(limiter)
    assert limiter.limit == 1


def test_never_lets_more_in_than_the_limit():
    limiter = AdaptiveLimiter(3)
    lock = threading.Lock()
    inside = most = 0

    def call(_: int) -> None:
        nonlocal inside, most
        with limiter.slot():
            with lock:
                inside += 1
                most = max(most, inside)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(call, range(500)))
    assert most <= 3


def test_waits_for_a_place():
    limiter = AdaptiveLimiter(1)
    entered = threading.Event()

    def call() -> None:
        with limiter.slot():
            entered.set()

    with ExitStack() as held:
        held.enter_context(limiter.slot())
        waiting = threading.Thread(target=call)
        waiting.start()
        assert not entered.is_set()
    waiting.join(timeout=30)
    assert entered.is_set()


@given(st.integers(1, 64), st.lists(st.booleans(), max_size=200))
def test_stays_within_its_bounds(maximum, outcomes):
    limiter = AdaptiveLimiter(maximum)
    for good in outcomes:
        succeed(limiter) if good else fail(limiter)
        assert 1 <= limiter.limit <= maximum
