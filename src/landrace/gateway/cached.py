"""One ledger for all models: a request is paid for once, whoever asks and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.digest import json_digest
from landrace.gateway.base import Completion
from landrace.gateway.key_locks import KeyLocks
from landrace.ledger import CALL
from landrace.schemas.score import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.gateway.base import Gateway, Request
    from landrace.ledger import Ledger


class Recorded(NamedTuple):
    """A completion out of the ledger, and the study that paid for it."""

    completion: Completion
    study: str


class CachedGateway:
    """Answers from the ledger, else from ``inner``; identical concurrent requests run once.

    ``fingerprint`` gives what else identifies a model (an embedded model's file hash), so
    that a new file under an old name is not served old answers. Failures are never kept, and
    never shared: of those that ask at once, the next one asks for itself.
    """

    def __init__(
        self,
        inner: Gateway,
        ledger: Ledger,
        *,
        study: str = "",
        fingerprint: Callable[[str], str] = lambda _model: "",
    ) -> None:
        self._inner = inner
        self._ledger = ledger
        self._study = study
        self._fingerprint = fingerprint
        self._locks = KeyLocks()

    def key(self, request: Request) -> str:
        """What the ledger knows the request by."""
        mark = self._fingerprint(request.model)
        return json_digest([request.digest, mark]) if mark else request.digest

    def recorded(self, request: Request) -> Recorded | None:
        """The request's completion, if the ledger has it."""
        found = self._ledger.call(self.key(request))
        if found is None:
            return None
        record, study = found
        return Recorded(_completion(record), study)

    def complete(self, request: Request) -> Completion:
        key = self.key(request)
        with self._locks.holding(key):
            found = self._ledger.call(key)
            if found is not None:
                return _completion(found[0])
            record = _record(key, self._study, request, self._inner.complete(request))
            self._ledger.append(record)
            # What the ledger will say, so that a resumed run meets the same figures.
            return _completion(record)


def _record(key: str, study: str, request: Request, completion: Completion) -> dict[str, Any]:
    usage = completion.usage
    return {
        "kind": CALL,
        "key": key,
        "study": study,
        "model": request.model,
        "params": dict(request.params),
        "repeat": request.repeat,
        "messages": [list(message) for message in request.messages],
        "text": completion.text,
        "finish_reason": completion.finish_reason,
        "usage": [usage.prompt_tokens, usage.completion_tokens, usage.cost_usd],
        "latency_s": round(completion.latency_s, 4),
    }


def _completion(record: dict[str, Any]) -> Completion:
    prompt_tokens, completion_tokens, cost = record["usage"]
    return Completion(
        text=record["text"],
        finish_reason=record["finish_reason"],
        usage=Usage(prompt_tokens, completion_tokens, cost),
        latency_s=record["latency_s"],
        key=record["key"],
    )
