"""GitLab's API as far as landrace uses it: one project, its merge requests' notes, statuses."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from forge import contract
from forge.serving import Response, Server, json_response
from forge.weather import Weather

if TYPE_CHECKING:
    from forge.contract import Operation
    from forge.serving import Request

TOKEN = "glpat-" + "x1Y2" * 5
PROJECT = 77
LOGIN = "project_77_bot_ab12"
_PAGE = "https://gitlab.example/ada/prompts"


@dataclass
class Note:
    id: int
    iid: int
    username: str
    body: str
    system: bool = False


class Status(NamedTuple):
    sha: str
    state: str
    name: str
    description: str


@dataclass
class FakeGitLab:
    """Serves inside a ``with``. ``heads`` are the source branches' commits by merge request.

    All go into one ``target``, and are in one ``state``.
    """

    heads: dict[int, str] = field(default_factory=lambda: {3: "c" * 40})
    target: str = "main"
    state: str = "opened"
    notes: list[Note] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    weather: Weather = field(default_factory=Weather)
    asked: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ids = count(900)
        self._operations = contract.operations("gitlab")
        self._server = Server(self._answer)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def environment(self) -> dict[str, str]:
        """What a job of a merge request pipeline finds, as far as the client reads it."""
        return {
            "CI_API_V4_URL": f"{self._server.url}/api/v4",
            "CI_PROJECT_ID": str(PROJECT),
            "CI_PROJECT_URL": _PAGE,
            "GITLAB_TOKEN": TOKEN,
        }

    def note(self, body: str, username: str = "eve", iid: int = 3, *, system: bool = False) -> Note:
        made = Note(next(self._ids), iid, username, body, system)
        self.notes.append(made)
        return made

    def _answer(self, request: Request) -> Response:
        try:
            return self._checked(request)
        except Exception as error:  # noqa: BLE001 - a thread of a server has nobody to raise to
            self.violations.append(f"{request.method} {request.path}: {error!r}")
            return json_response(400, {"message": f"the fake failed: {error!r}"})

    def _checked(self, request: Request) -> Response:
        path = request.path.removeprefix("/api/v4")
        operation, parts = next(
            (one, found)
            for one in self._operations
            if (found := one.match(request.method, path)) is not None
        )
        body = request.json()
        contract.check(operation.query, request.query, f"query of {operation.name}")
        contract.check(operation.request, body, f"body of {operation.name}")
        self.asked.append(operation.name)

        def proceed() -> Response:
            response = self._act(operation, parts, request, body)
            if response.status != 401:
                found = response.json()
                contract.check(operation.responses[str(response.status)], found, operation.name)
            return response

        return self.weather.pass_through(operation.name, proceed)

    def _act(
        self, operation: Operation, parts: dict[str, str], request: Request, body: Any
    ) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return json_response(401, {"message": "401 Unauthorized"})
        if operation.name == "GET /user":
            return json_response(200, {"username": LOGIN})
        if operation.name.startswith("POST /projects/{id}/statuses"):
            return self._set_status(parts["sha"], body)
        iid = int(parts["iid"])
        if int(parts["id"]) != PROJECT or iid not in self.heads:
            return json_response(404, {"message": "404 Not found"})
        return self._about(iid, operation, parts, request, body)

    def _about(
        self, iid: int, operation: Operation, parts: dict[str, str], request: Request, body: Any
    ) -> Response:
        if "notes" not in operation.name:
            found = {"iid": iid, "sha": self.heads[iid], "target_branch": self.target}
            return json_response(200, {**found, "state": self.state})
        if request.method == "GET":
            return self._list(iid, request.query)
        return self._write(request.method, iid, parts, body)

    def _list(self, iid: int, query: dict[str, str]) -> Response:
        found = [_describe(one) for one in self.notes if one.iid == iid]
        size, page = int(query["per_page"]), int(query["page"])
        more = page * size < len(found)
        link = '<https://elsewhere.example/>; rel="next"' if more else ""
        return json_response(200, found[(page - 1) * size : page * size], link=link)

    def _write(self, method: str, iid: int, parts: dict[str, str], body: Any) -> Response:
        if method == "POST":
            return json_response(201, _describe(self.note(body["body"], LOGIN, iid)))
        found = next((one for one in self.notes if one.id == int(parts["note_id"])), None)
        if found is None:
            return json_response(404, {"message": "404 Note Not Found"})
        if method == "DELETE":
            self.notes.remove(found)
            return json_response(204, None)
        found.body = body["body"]
        return json_response(200, _describe(found))

    def _set_status(self, sha: str, body: dict[str, str]) -> Response:
        now = [one for one in self.statuses if (one.sha, one.name) == (sha, body["name"])]
        if now and now[-1].state == body["state"] == "pending":
            reason = 'Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition via "enqueue")'
            return json_response(400, {"message": reason})
        self.statuses.append(Status(sha, body["state"], body["name"], body["description"]))
        return json_response(201, {"status": body["state"], "name": body["name"]})


def _describe(one: Note) -> dict[str, Any]:
    author = {"username": one.username}
    return {"id": one.id, "body": one.body, "author": author, "system": one.system}
