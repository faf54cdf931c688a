"""Try again what time may heal."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, NoReturn

from landrace.errors import CallError, GivenUpError, TransientCallError
from landrace.gateway.breaker import CircuitBreaker
from landrace.gateway.limiter import AdaptiveLimiter

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.gateway.base import Completion, Gateway, Request


class RetryingGateway:
    """Repeats transient failures after exponential backoff with full jitter.

    Args:
        inner: answers the requests.
        attempts: tries a request, the first included.
        base_s: upper bound of the first pause, in seconds; it doubles from try to try.
        cap_s: longest pause in seconds, whatever the provider asks for.
        limiter: bounds the tries in flight; pauses hold no place.
        breaker: ends the run when the provider seems to be down.
        rng: draws the pauses. It is nobody else's, so that no result depends on it.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        inner: Gateway,
        *,
        attempts: int = 6,
        base_s: float = 1.0,
        cap_s: float = 60.0,
        limiter: AdaptiveLimiter | None = None,
        breaker: CircuitBreaker | None = None,
        rng: random.Random | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner = inner
        self._attempts = attempts
        self._base_s = base_s
        self._cap_s = cap_s
        self._limiter = limiter or AdaptiveLimiter(8)
        self._breaker = breaker or CircuitBreaker()
        self._rng = rng or random.Random()  # noqa: S311 - spreads pauses, guards nothing
        self._sleep = sleep

    def complete(self, request: Request) -> Completion:
        """The inner gateway's answer; also raises ``OutageError`` once the breaker is open."""
        for attempt in range(1, self._attempts + 1):
            self._breaker.check(request.model)
            try:
                with self._limiter.slot():
                    completion = self._inner.complete(request)
            except TransientCallError as error:
                if attempt == self._attempts:
                    self._give_up(error)
                self._sleep(self._pause(attempt, error.retry_after))
            except CallError:
                self._breaker.answered()
                raise
            else:
                self._breaker.answered()
                return completion
        raise AssertionError("at least one attempt is made")

    def _give_up(self, error: TransientCallError) -> NoReturn:
        self._breaker.gave_up(error.problem)
        raise GivenUpError(
            f"{error.problem} (given up after {self._attempts} attempts)",
            where=error.where,
            fix=error.fix,
        ) from error

    def _pause(self, attempt: int, retry_after: float | None) -> float:
        if retry_after is not None:
            # A little jitter, lest all callers come back at the same moment.
            return min(self._cap_s, retry_after + self._rng.uniform(0, self._base_s))
        return self._rng.uniform(0, min(self._cap_s, self._base_s * 2.0 ** (attempt - 1)))
