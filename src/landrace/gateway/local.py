"""Embedded models: llama.cpp in this process, no network, no key, no cost."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import CallError
from landrace.gateway.base import Completion
from landrace.gateway.catalogue import resolve
from landrace.gateway.chat_tokens import ChatTokens
from landrace.gateway.decoding import completion_options
from landrace.gateway.engine import CONTEXT_TOKENS, Engine
from landrace.gateway.engine_pool import EnginePool
from landrace.gateway.request_check import check_request
from landrace.schemas.score import Usage

if TYPE_CHECKING:
    from pathlib import Path

    from landrace.gateway.base import Request

_MOST_ENGINES = 8


class _Model(NamedTuple):
    pool: EnginePool
    chat: ChatTokens


class LocalGateway:
    """Answers ``local/…`` requests; thread-safe.

    An answer depends on the request alone: not on other requests, their order, or the
    number of cores. A model is loaded at its first request.

    Args:
        engines: most requests computed at a time; default: one a core, at most 8.
        context_tokens: most tokens of a prompt and its answer.
        cache_dir: where model files are, instead of the user's cache.
    """

    def __init__(
        self,
        *,
        engines: int | None = None,
        context_tokens: int = CONTEXT_TOKENS,
        cache_dir: Path | None = None,
    ) -> None:
        self._engines = engines or min(_cores(), _MOST_ENGINES)
        self._context_tokens = context_tokens
        self._cache_dir = cache_dir
        self._models: dict[str, _Model] = {}
        self._closed = False
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def complete(self, request: Request) -> Completion:
        check_request(request)
        options = completion_options(request)
        model = self._model(request.model)
        tokens = model.chat.tokens(request.messages)
        with model.pool.engine(tokens) as engine:
            started = time.perf_counter()
            generation = engine.generate(tokens, options)
            latency_s = time.perf_counter() - started
        return Completion(
            text=generation.text,
            finish_reason=generation.finish_reason,
            usage=Usage(generation.prompt_tokens, generation.completion_tokens, 0.0),
            latency_s=latency_s,
        )

    def close(self) -> None:
        """Stop all engines; later requests fail."""
        with self._lock:
            self._closed = True
            for model in self._models.values():
                model.pool.close()
            self._models.clear()

    def _model(self, model_id: str) -> _Model:
        with self._lock:
            if self._closed:
                raise CallError("the gateway was closed", where=model_id)
            if model_id not in self._models:
                path = resolve(model_id, cache_dir=self._cache_dir)
                pool = EnginePool(lambda: self._start(path), self._engines)
                self._models[model_id] = _Model(pool, ChatTokens(pool.first))
            return self._models[model_id]

    def _start(self, path: Path) -> Engine:
        with self._loading:
            return Engine(path, context_tokens=self._context_tokens)


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
