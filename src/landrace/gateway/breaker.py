"""Stop asking a provider that is down."""

from __future__ import annotations

import threading

from landrace.errors import OutageError


class CircuitBreaker:
    """Opens for good when ``threshold`` requests in a row were given up on; thread-safe.

    A run that meets an outage ends at once and can be resumed later, instead of spending an
    hour on retries.
    """

    def __init__(self, threshold: int = 20) -> None:
        self._threshold = threshold
        self._given_up = 0
        self._last_problem = ""
        self._lock = threading.Lock()

    def check(self, model: str) -> None:
        """Let a request pass.

        Raises:
            OutageError: the breaker is open.
        """
        with self._lock:
            given_up, problem = self._given_up, self._last_problem
        if given_up >= self._threshold:
            raise OutageError(
                f"the last {given_up} requests all failed, the last one with: {problem}",
                where=model,
                fix="Run the same command again later; finished calls are kept.",
            )

    def answered(self) -> None:
        """Note that the provider answered, if only to refuse."""
        with self._lock:
            if self._given_up < self._threshold:
                self._given_up = 0

    def gave_up(self, problem: str) -> None:
        """Note that a request failed for good, after all its retries."""
        with self._lock:
            self._given_up += 1
            self._last_problem = problem
