"""An HTTP server on the loopback interface whose answers a function gives."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Request(NamedTuple):
    """``path`` is decoded; header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    raw_query: str = ""

    def json(self) -> object:
        return json.loads(self.body) if self.body else None


class Response(NamedTuple):
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def json(self) -> object:
        """The body, or None where it is no JSON."""
        is_json = ("content-type", "application/json") in self.headers
        return json.loads(self.body) if self.body and is_json else None


# No answer: the connection is closed.
DROPPED = Response(0)


def json_response(status: int, body: object, **headers: object) -> Response:
    """``retry_after=7`` becomes the header ``retry-after: 7``."""
    listed = [(name.replace("_", "-"), str(value)) for name, value in headers.items()]
    data = b"" if body is None else json.dumps(body).encode()
    return Response(status, data, (("content-type", "application/json"), *listed))


class Server:
    """Serves inside a ``with``; ``answer`` is called from many threads."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._server = _Quiet(("127.0.0.1", 0), _handler(answer))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no failure of the server."""


def _handler(answer: Callable[[Request], Response]) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # git sends large packs in chunks, which 1.0 does not know
        disable_nagle_algorithm = True  # else head and body of each answer are 40 ms apart

        def log_message(self, *args: object) -> None:
            pass

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            path = unquote(parts.path)
            body = self._body()
            self._send(answer(Request(self.command, path, query, headers, body, parts.query)))

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815 - names of http.server

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def _send(self, response: Response) -> None:
            if response.status == 0:
                self.close_connection = True
                return
            self.send_response(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            if response.status != 204:
                self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

    return Handler
