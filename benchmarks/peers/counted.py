"""The one gate to the models for every contestant: it counts, keeps to the budget, remembers."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from landrace.errors import BudgetExhaustedError
from landrace.gateway.cached import CachedGateway

if TYPE_CHECKING:
    from landrace.gateway.base import Completion, Gateway, Request
    from landrace.ledger import Ledger

DRAWS_A_SEED = 1000


@dataclass
class Taken:
    """What was asked of one model; ``model_s`` are the seconds in which its answers were computed,
    one thread each, whenever that was.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_s: float = 0.0

    def add(self, completion: Completion) -> None:
        self.prompt_tokens += completion.usage.prompt_tokens
        self.completion_tokens += completion.usage.completion_tokens
        self.model_s += completion.latency_s


@dataclass
class Count:
    """What one contestant took in one run.

    ``refused`` calls came after the end of the budget and reached no model; ``failed`` ones had no
    answer. ``cached`` of the answers were known from an earlier, interrupted run.
    """

    task: Taken = field(default_factory=Taken)
    proposer: Taken = field(default_factory=Taken)
    refused: int = 0
    failed: int = 0
    cached: int = 0


class CountedGateway:
    """Counts calls of the task model up to ``budget``, and calls of any other as the proposer's.

    The same question at a temperature above 0 is a new draw each time, another one for each
    ``seed``; at temperature 0 it is the same answer, and still a call.
    """

    def __init__(
        self, inner: Gateway, cache: Ledger, *, task_model: str, budget: int, seed: int
    ) -> None:
        self.count = Count()
        self._cache = CachedGateway(inner, cache)
        self._known = frozenset(record["key"] for record in cache.records())
        self._task_model = task_model
        self._budget = budget
        self._seed = seed
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def complete(self, request: Request) -> Completion:
        """The answer, counted. Raises `BudgetExhaustedError` from the first call too many on."""
        request = self._admit(request)
        try:
            completion = self.uncounted(request)
        except Exception:
            with self._lock:
                self.count.failed += 1
            raise
        with self._lock:
            self._taken(request).add(completion)
            self.count.cached += self._cache.key(request) in self._known
        return completion

    def uncounted(self, request: Request) -> Completion:
        """The answer for the one look at the holdout, which is in nobody's budget."""
        return self._cache.complete(request)

    def _admit(self, request: Request) -> Request:
        with self._lock:
            if request.model == self._task_model and self.count.task.calls >= self._budget:
                self.count.refused += 1
                raise BudgetExhaustedError(f"the {self._budget} task-model calls are spent")
            self._taken(request).calls += 1
            if not request.params.get("temperature"):
                return request
            draw = self._asked[request.digest]
            self._asked[request.digest] += 1
            return replace(request, repeat=request.repeat + draw + DRAWS_A_SEED * self._seed)

    def _taken(self, request: Request) -> Taken:
        return self.count.task if request.model == self._task_model else self.count.proposer
