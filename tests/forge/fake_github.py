"""GitHub's API as far as landrace uses it: stateful, over a real bare git repository.

Every request and every answer is held against the contract; `FakeGitHub.violations` must be
empty at the end. What is not in the contract is not there.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from forge import contract
from forge.github_state import NOT_FOUND, Asked, GitHubState
from forge.serving import Response, Server, json_response
from forge.tokens import Token, Tokens
from forge.weather import Weather

if TYPE_CHECKING:
    from collections.abc import Callable

    from forge.contract import GraphQLOperation, Operation
    from forge.serving import Request

_ERROR = {"$ref": "shared.json#/$defs/error"}
_GRAPHQL_ERRORS = {"$ref": "shared.json#/$defs/graphql_errors"}
_BAD_CREDENTIALS = json_response(401, {"message": "Bad credentials"})


class Exchange(NamedTuple):
    """One request and its answer, as they were; for a lost answer the status is 0."""

    operation: str
    query: dict[str, str]
    request: Any
    status: int
    response: Any


@dataclass
class FakeGitHub(GitHubState):
    """Serves inside a ``with``; ``url`` and ``graphql_url`` are what the environment names."""

    tokens: Tokens = field(default_factory=Tokens)
    weather: Weather = field(default_factory=Weather)
    exchanges: list[Exchange] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._lock = threading.RLock()
        self._rest = contract.operations("rest")
        self._graphql = contract.graphql_operations()
        self._server = Server(self._answer)
        self.url = f"{self._server.url}/api/v3"  # as on GitHub Enterprise Server
        self.graphql_url = f"{self._server.url}/api/graphql"

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def count(self, operation: str) -> int:
        """How often an operation was asked for."""
        return sum(one.operation == operation for one in self.exchanges)

    def _answer(self, request: Request) -> Response:
        is_graphql = request.path == "/api/graphql"
        try:
            return self._graphql_answer(request) if is_graphql else self._rest_answer(request)
        except Exception as error:  # noqa: BLE001 - a thread of a server has nobody to raise to
            self.violations.append(f"{request.method} {request.path}: {error!r}")
            return json_response(400, {"message": f"the fake failed: {error!r}"})

    def _rest_answer(self, request: Request) -> Response:
        operation, parts = self._operation(request)
        body = request.json()
        contract.check(operation.query, request.query, f"query of {operation.name}")
        contract.check(operation.request, body, f"body of {operation.name}")
        assert request.headers.get("accept") == "application/vnd.github+json"
        assert request.headers.get("x-github-api-version") == "2022-11-28"

        def proceed() -> Response:
            response = self._act(operation, dict(parts), request, body)
            # Any token may turn out to be bad, and anything to be hidden from it.
            known = {"401": _ERROR, "403": _ERROR, "404": _ERROR, **operation.responses}
            schema = known[str(response.status)]
            contract.check(schema, response.json(), f"{response.status} of {operation.name}")
            return response

        return self._weathered(operation.name, request, body, proceed)

    def _operation(self, request: Request) -> tuple[Operation, dict[str, str]]:
        path = request.path.removeprefix("/api/v3")
        for operation in self._rest:
            parts = operation.match(request.method, path)
            if parts is not None:
                return operation, parts
        raise contract.ContractError("not an operation of the contract")

    def _act(
        self, operation: Operation, parts: dict[str, str], request: Request, body: Any
    ) -> Response:
        token = self._token(request)
        if token is None:
            return _BAD_CREDENTIALS
        permission, level, act = self.routes()[operation.name]
        if f"{parts.pop('owner')}/{parts.pop('repo')}" != self.repository.full_name:
            return NOT_FOUND
        if not token.may(permission, level):
            message = {"message": "Resource not accessible by integration"}
            needed = f"{permission.replace('-', '_')}={level}"
            return json_response(403, message, x_accepted_github_permissions=needed)
        with self._lock:
            return act(Asked(parts, request.query, body, token))

    def _graphql_answer(self, request: Request) -> Response:
        body = request.json()
        assert isinstance(body, dict)
        assert request.method == "POST"
        operation = self._graphql[" ".join(str(body["query"]).split())]
        contract.check(operation.variables, body["variables"], f"variables of {operation.name}")

        def proceed() -> Response:
            response = self._act_graphql(operation, request, body["variables"])
            found: Any = response.json()
            if response.status == 200:
                contract.check(operation.data, found["data"], f"data of {operation.name}")
                errors = found.get("errors", [{"message": "none"}])
                contract.check(_GRAPHQL_ERRORS, errors, f"errors of {operation.name}")
            return response

        return self._weathered(operation.name, request, body, proceed)

    def _act_graphql(
        self, operation: GraphQLOperation, request: Request, variables: dict[str, Any]
    ) -> Response:
        token = self._token(request)
        if token is None:
            return _BAD_CREDENTIALS
        if operation.name == "viewer":
            return json_response(200, {"data": {"viewer": {"login": token.login}}})
        with self._lock:
            return self.create_commit(token, variables["input"])

    def _token(self, request: Request) -> Token | None:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        return self.tokens.find(text) if scheme == "Bearer" else None

    def _weathered(
        self, operation: str, request: Request, body: Any, proceed: Callable[[], Response]
    ) -> Response:
        response = self.weather.pass_through(operation, proceed)
        self.exchanges.append(
            Exchange(operation, request.query, body, response.status, response.json())
        )
        return response
