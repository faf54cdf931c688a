"""A provider on the loopback interface that learns from examples, as small models do.

Without one it chats; with more it gets better. What it says depends on the question alone.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from forge.serving import Server, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from forge.serving import Request, Response

COLOURS = ("red", "blue")


def luck(*parts: str) -> float:
    """A number in 0..1 that depends on the parts alone."""
    return int(hashlib.sha256("/".join(parts).encode()).hexdigest()[:8], 16) / 16**8


def colour(word: str) -> str:
    return COLOURS[hashlib.sha256(word.encode()).digest()[0] % 2]


def pupil(messages: list[dict[str, str]]) -> str:
    asked = messages[-1]["content"]
    if "instruction" in asked.lower() and "colour" not in asked.lower():
        return "<instruction>Say red or blue.</instruction>"
    word = asked.rsplit(" ", 1)[-1].strip()
    demos = sum(message["role"] == "assistant" for message in messages)
    skill = 0.6 + 0.04 * min(demos, 8) if demos else 0.3
    right = luck(word, str(demos)) < skill
    return colour(word) if right else COLOURS[colour(word) == "red"]


@dataclass
class PupilProvider:
    """Serves inside a ``with``; ``calls`` counts what was asked, ``down`` makes it fail."""

    calls: int = 0
    down: bool = False
    asked: set[str] = field(default_factory=set)
    """The last message of each question."""
    _plans: dict[int, Callable[[], object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._server = Server(self._answer)
        self.api_base = f"{self._server.url}/v1"

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def _answer(self, request: Request) -> Response:
        body: Any = request.json()
        status, found = self.answer(body)
        return json_response(status, found, retry_after=0)

    def after(self, calls: int, do: Callable[[], object]) -> None:
        """Let something happen when so many more calls have been asked, before the last answer."""
        self._plans[self.calls + calls] = do

    def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            self.calls += 1
            self.asked.add(body["messages"][-1]["content"])
            plan = self._plans.pop(self.calls, None)
        if plan:
            plan()
        if self.down:
            return 503, {"error": {"message": "down", "type": "server_error", "code": None}}
        text = pupil(body["messages"])
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
        }
        usage = {"prompt_tokens": 40, "completion_tokens": 1, "total_tokens": 41}
        return 200, {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
            "usage": usage,
        }
