"""A hosted repository over HTTP, as a forge serves it: ``git http-backend`` behind tokens."""

from __future__ import annotations

import base64
import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from forge.serving import Response, Server
from forge.tokens import Token, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from forge.hosted import HostedRepository
    from forge.serving import Request


@dataclass
class GitRemote:
    """Serves inside a ``with``, at ``<url>/<owner>/<name>`` with or without ``.git``.

    Anything but a token as a password is a 401. Reading takes ``contents: read``, pushing
    ``contents: write``; protected branches refuse every push.
    """

    repository: HostedRepository
    tokens: Tokens = field(default_factory=Tokens)
    pushes: int = 0
    """How often a push was begun."""

    def __post_init__(self) -> None:
        self._before_push: list[Callable[[], object]] = []
        self._server = Server(self._answer)
        self.url = self._server.url

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def address(self, token: str | None = None) -> str:
        """The repository's address, with a token in it where one is given."""
        login = f"x-access-token:{token}@" if token else ""
        return f"{self.url.replace('://', f'://{login}')}/{self.repository.full_name}"

    def before_next_push(self, *actions: Callable[[], object]) -> None:
        """What happens after a client was told where branches are, and before its push; one a push."""
        self._before_push += actions

    def _answer(self, request: Request) -> Response:
        name, _, rest = request.path.removeprefix(f"/{self.repository.full_name}").partition("/")
        if name not in {"", ".git"} or not request.path.startswith(f"/{self.repository.full_name}"):
            return Response(404)
        token = self._token(request)
        if token is None:
            return Response(401, b"", (("www-authenticate", 'Basic realm="GitHub"'),))
        pushing = "git-receive-pack" in {rest, request.query.get("service", "")}
        if not token.may("contents", "write" if pushing else "read"):
            denied = f"Permission to {self.repository.full_name}.git denied to {token.login}."
            return Response(403, denied.encode(), (("content-type", "text/plain"),))
        if rest == "git-receive-pack":
            self.pushes += 1
            if self._before_push:
                self._before_push.pop(0)()
        return self._backend(request, rest, token)

    def _token(self, request: Request) -> Token | None:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        _user, _, password = base64.b64decode(text).decode().partition(":")
        return self.tokens.find(password)

    def _backend(self, request: Request, rest: str, token: Token) -> Response:
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.repository.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH_INFO": f"/{self.repository.full_name}.git/{rest}",
            "QUERY_STRING": request.raw_query,
            "REQUEST_METHOD": request.method,
            "REMOTE_USER": token.login,
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"],
            env=environment,
            input=request.body,
            capture_output=True,
            check=False,
        )
        return _of_cgi(done.stdout)


def _of_cgi(output: bytes) -> Response:
    head, _, body = output.partition(b"\r\n\r\n")
    headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if line]
    listed = {name.lower(): value for name, value in headers}
    status = int(listed.pop("status", "200").split()[0])
    return Response(status, body, tuple(listed.items()))
