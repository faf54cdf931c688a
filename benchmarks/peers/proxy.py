"""An OpenAI-compatible server on this machine's loopback, in front of a counted gateway.

Peers ask ``/v1/chat/completions`` for the model ``task`` or ``proposer`` while they search, and
``/uncounted/v1/chat/completions`` when their winner answers the holdout. ``/judge`` scores an
answer and says what was wrong, so that one metric judges and teaches every contestant. A call past
the budget is answered with 400, which no client tries again.
"""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from landrace.errors import LandraceError
from landrace.gateway.base import Completion, Message, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.peers.counted import CountedGateway

    from landrace.schemas.score import Score

    Judge = Callable[[str, str | None], Score]
    Complete = Callable[[Request], Completion]

CHAT = "/v1/chat/completions"
UNCOUNTED = "/uncounted"
JUDGE = "/judge"
POLL_SECONDS = 0.02  # how soon a server that is told to stop does
# What is passed on; `n` is several calls, all else (user, stream options) changes no answer.
PARAMS = ("temperature", "max_tokens", "top_p", "stop", "response_format")


@contextlib.contextmanager
def serve(
    counted: CountedGateway,
    judge: Judge,
    models: Mapping[str, str],
    defaults: Mapping[str, Mapping[str, Any]],
) -> Iterator[str]:
    """The address of a server that runs until the block ends.

    ``models`` has the ids by the names that peers use, ``defaults`` the parameters of each that
    stand where a request has none.
    """
    server = _Server(counted, judge, models, defaults)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        counted: CountedGateway,
        judge: Judge,
        models: Mapping[str, str],
        defaults: Mapping[str, Mapping[str, Any]],
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.complete: dict[str, Complete] = {
            CHAT: counted.complete,
            UNCOUNTED + CHAT: counted.uncounted,
        }
        self.judge = judge
        self.models = models
        self.defaults = defaults


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        complete = self.server.complete.get(self.path)
        if complete:
            self._chat(body, complete)
        elif self.path == JUDGE:
            score = self.server.judge(body["id"], body["answer"])
            self._send(200, {"score": score.value, "feedback": score.feedback})
        else:
            self._refuse(404, f"there is no {self.path}")

    def _chat(self, body: dict[str, Any], complete: Complete) -> None:
        if body["model"] not in self.server.models or body.get("stream"):
            self._refuse(400, f"ask one of {', '.join(self.server.models)}, without a stream")
            return
        request = self._request(body)
        try:
            found = [complete(request) for _ in range(body.get("n") or 1)]
        except LandraceError as error:
            self._refuse(400, str(error))
            return
        self._send(200, _answer(body["model"], found))

    def _request(self, body: dict[str, Any]) -> Request:
        given = dict(body)
        # litellm's and OpenAI's new name of the same limit.
        given.setdefault("max_tokens", given.get("max_completion_tokens"))
        params = {name: given[name] for name in PARAMS if given.get(name) is not None}
        messages = tuple(Message(turn["role"], _text(turn["content"])) for turn in body["messages"])
        defaults = self.server.defaults.get(body["model"], {})
        return Request(self.server.models[body["model"]], messages, {**defaults, **params})

    def _refuse(self, status: int, problem: str) -> None:
        error = {"message": problem, "type": "invalid_request_error", "code": str(status)}
        self._send(status, {"error": error})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # a peer that was stopped
            self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing: a search makes hundreds of calls."""


def _text(content: str | list[dict[str, Any]] | None) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


def _answer(model: str, found: list[Completion]) -> dict[str, Any]:
    prompt = sum(each.usage.prompt_tokens for each in found)
    completion = sum(each.usage.completion_tokens for each in found)
    return {
        "id": "local",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {
                "index": index,
                "finish_reason": each.finish_reason,
                "message": {"role": "assistant", "content": each.text},
            }
            for index, each in enumerate(found)
        ],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    }
