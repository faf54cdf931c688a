"""A fake model for tests: it answers from a script, and fails on command."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from landrace.digest import json_digest
from landrace.errors import CallError, TransientCallError
from landrace.gateway.base import Completion
from landrace.gateway.request_check import check_request
from landrace.schemas.score import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.gateway.base import Request

    Answer: TypeAlias = str | Completion | Exception
    Script: TypeAlias = Callable[[Request], Answer] | Mapping[str, Answer]


class ScriptedGateway:
    """Answers requests by a script; thread-safe.

    Args:
        script: a function of the request, or a mapping from the last message's text. A text
            is answered with a usage of one token a word; a completion is answered as it is; an
            exception is raised.
        failure_rate: share of attempts, 0..1, that fail. Whether one fails depends on the
            request, on how often it was asked before and on ``seed``, never on timing.
        failure: what failing attempts raise.
        seed: draws the failures.
        latency_s: seconds that a call takes; for benchmarks.
        price_usd: cost of a token, or None where none shall be known.
    """

    def __init__(
        self,
        script: Script,
        *,
        failure_rate: float = 0.0,
        failure: type[CallError] = TransientCallError,
        seed: int = 0,
        latency_s: float = 0.0,
        price_usd: float | None = 0.0,
    ) -> None:
        self._script = script
        self._failure_rate = failure_rate
        self._failure = failure
        self._seed = seed
        self._latency_s = latency_s
        self._price_usd = price_usd
        self._requests: list[Request] = []
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, failed attempts included, in order of arrival."""
        with self._lock:
            return tuple(self._requests)

    @property
    def calls(self) -> int:
        """How many requests came so far, failed attempts included."""
        return len(self._requests)

    def complete(self, request: Request) -> Completion:
        check_request(request)
        with self._lock:
            self._requests.append(request)
            self._asked[request.digest] += 1
            attempt = self._asked[request.digest]
        if self._latency_s:
            time.sleep(self._latency_s)
        if self._fails(request, attempt):
            raise self._failure("the script fails this attempt", where=request.model)
        answer = self._answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Completion) else self._completion(request, answer)

    def _fails(self, request: Request, attempt: int) -> bool:
        draw = json_digest([self._seed, request.digest, attempt])
        return int(draw[:13], 16) < self._failure_rate * 16**13

    def _answer(self, request: Request) -> Answer:
        if not isinstance(self._script, Mapping):
            return self._script(request)
        text = request.messages[-1].content
        if text not in self._script:
            return CallError(f"the script has no answer to {text!r}", where=request.model)
        return self._script[text]

    def _completion(self, request: Request, text: str) -> Completion:
        prompt_tokens = sum(len(message.content.split()) + 1 for message in request.messages)
        completion_tokens = len(text.split()) + 1
        tokens = prompt_tokens + completion_tokens
        cost = None if self._price_usd is None else tokens * self._price_usd
        return Completion(
            text=text,
            usage=Usage(prompt_tokens, completion_tokens, cost),
            latency_s=self._latency_s,
        )
