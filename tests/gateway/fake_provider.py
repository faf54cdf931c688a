"""A provider on the loopback interface that answers as it is told."""

from __future__ import annotations

import http.server
import inspect
import json
import threading
from typing import NamedTuple


class Reply(NamedTuple):
    status: int = 200
    body: bytes = b""
    headers: tuple = ()


def chat_reply(text="hi", finish_reason="stop", **fields):
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-mini",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish_reason,
            }
        ],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
    }
    return Reply(200, json.dumps(body | fields).encode())


def error_reply(status, message="no", code="some_code", **headers):
    body = json.dumps({"error": {"message": message, "type": "x", "code": code}}).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body, tuple(names.items()))


class FakeProvider:
    """An OpenAI-like server; ``replies`` are given in turn, the last one for ever."""

    def __init__(self):
        self.replies = [chat_reply()]
        self.bodies = []
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                provider.bodies.append(json.loads(self.rfile.read(length)))
                reply = provider.replies[0]
                if len(provider.replies) > 1:
                    provider.replies.pop(0)
                if not reply.status:
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                headers = dict(reply.headers)
                headers.setdefault("Content-Type", "application/json")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.api_base = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        close_clients()


def close_clients():
    """Close the connections that litellm keeps for later; here there is no later."""
    import litellm

    for client in litellm.in_memory_llm_clients_cache.cache_dict.values():
        if not inspect.iscoroutinefunction(client.close):
            client.close()
    litellm.in_memory_llm_clients_cache.flush_cache()
