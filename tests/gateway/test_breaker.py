from __future__ import annotations

import pytest

from landrace.errors import OutageError
from landrace.gateway.breaker import CircuitBreaker


def test_opens_after_the_threshold_and_says_why():
    breaker = CircuitBreaker(3)
    for _ in range(2):
        breaker.gave_up("503")
    breaker.check("m")
    breaker.gave_up("504")
    with pytest.raises(OutageError, match="last 3 requests all failed, the last one with: 504"):
        breaker.check("m")


def test_an_answer_resets_the_count():
    breaker = CircuitBreaker(2)
    breaker.gave_up("503")
    breaker.answered()
    breaker.gave_up("503")
    breaker.check("m")


def test_stays_open():
    breaker = CircuitBreaker(1)
    breaker.gave_up("503")
    breaker.answered()
    with pytest.raises(OutageError):
        breaker.check("m")
