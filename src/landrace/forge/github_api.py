"""GitHub's two interfaces, REST and GraphQL, for one repository."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from landrace.errors import ConfigError
from landrace.forge import failures, values
from landrace.forge.api import Api, Call, PassingError
from landrace.forge.base import HeadMovedError
from landrace.forge.values import field, variable
from landrace.strict_json import At, an_object, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from landrace.errors import LandraceError
    from landrace.forge.api import Answer
    from landrace.strict_json import Check

_HEADERS = {
    "Accept": "application/vnd.github+json",
    # GitHub supports it until March 2028 at least, and GitHub Enterprise Server knows no other.
    "X-GitHub-Api-Version": "2022-11-28",
}

# Of a branch that has moved GitHub speaks in two ways, the second when two commits race.
_MOVED = re.compile(r"expected branch to point to|is at \S+ but expected", re.IGNORECASE)
# A failure of GitHub's own, in an answer with the status 200.
_FAILED = re.compile(r"something went wrong|timeout|timed out|try again later", re.IGNORECASE)


@contextmanager
def connect(
    environ: Mapping[str, str], *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[GitHubApi]:
    """What a step of GitHub Actions has in its environment, with ``GITHUB_TOKEN``.

    Raises:
        ConfigError: a variable is missing or is not what GitHub sets.
    """
    rest = variable(environ, "GITHUB_API_URL", values.web_address, "https://api.github.com")
    graphql = variable(environ, "GITHUB_GRAPHQL_URL", values.web_address, f"{rest}/graphql")
    repository = variable(environ, "GITHUB_REPOSITORY", values.repository)
    token = environ.get("GITHUB_TOKEN", "").strip()
    with Api("GitHub", token, headers=_HEADERS, sleep=sleep) as api:
        yield GitHubApi(api, repository=repository, rest_url=rest, graphql_url=graphql)


class GitHubApi:
    """Calls about one repository.

    Args:
        api: sends the calls.
        repository: ``owner/name``.
        rest_url: such as ``https://api.github.com``.
        graphql_url: such as ``https://api.github.com/graphql``; another path on GitHub
            Enterprise Server.
    """

    def __init__(self, api: Api, *, repository: str, rest_url: str, graphql_url: str) -> None:
        self._api = api
        self.repository = repository
        self._root = f"{rest_url}/repos/{quote(repository)}"
        self._graphql_url = graphql_url

    def call(
        self,
        method: str,
        path: str,
        *,
        doing: str,
        needs: str,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
        repeatable: bool = True,
    ) -> Call:
        """A call whose ``path`` lies below the repository and is encoded by `segment`."""
        url = f"{self._root}/{path}"
        return Call(method, url, doing, needs, query or {}, body, repeatable)

    def send(self, call: Call, check: Check[Any]) -> Any:
        """The checked body of the answer. Raises what `Api.send` raises, and `FormatError`."""
        return check(self._api.send(call).body, At(f"the answer to {call.where}"))

    def run(self, call: Call) -> None:
        """Send a call of whose answer nothing is needed."""
        self._api.send(call)

    def pages(self, call: Call) -> Iterator[object]:
        """The members of a list. Raises what `Api.pages` raises."""
        return self._api.pages(call)

    def pause(self, attempt: int) -> None:
        """Wait before a next try."""
        self._api.pause(attempt)

    def graphql(
        self,
        document: str,
        variables: Mapping[str, object],
        *,
        doing: str,
        needs: str,
        repeatable: bool = True,
    ) -> dict[str, Any]:
        """The ``data`` of a GraphQL operation that had no errors.

        Raises:
            HeadMovedError: the branch is not where the operation expects it.
            ConfigError, RefusedError, LostAnswerError, OutageError: as `Api.send`.
        """
        body = {"query": document, "variables": variables}
        call = Call(
            "POST", self._graphql_url, doing, needs, {}, body, repeatable, self._check_graphql
        )
        answer = self._api.send(call)
        return field(answer.body, At(f"the answer to {call.where}"), "data", an_object)

    def _check_graphql(self, call: Call, answer: Answer) -> None:
        """Raise for the first of the errors that an answer lists: it has the status 200."""
        at = At(f"the answer to {call.where}")
        errors = an_object(answer.body, at).get("errors")
        if not errors:
            return
        first = an_object(errors[0] if isinstance(errors, list) else errors, at.key("errors"))
        kind = str(first.get("type") or "")
        words = self._api.clean(field(first, at.key("errors"), "message", text))
        if kind == "RATE_LIMITED":
            raise PassingError(f"GitHub limits the rate: {words}", perhaps_done=False, wait=60.0)
        if not kind and _FAILED.search(words):
            raise PassingError(f"GitHub failed: {words}", perhaps_done=True)
        raise _refusal(call, kind, words)


def segment(name: str) -> str:
    """A name as a part of a path; the slashes of a branch stay, as GitHub wants them."""
    return quote(name, safe="/")


def _refusal(call: Call, kind: str, words: str) -> LandraceError:
    problem = f"could not {call.doing}: {words}"
    if kind == "STALE_DATA" or _MOVED.search(words):
        fix = "somebody has pushed meanwhile: run the pipeline again on the new commit"
        return HeadMovedError(problem, where=call.where, fix=fix)
    if kind == "BRANCH_PROTECTION_RULE_VIOLATION" or failures.breaks_rule(words):
        return failures.broken_rule(problem, call.where)
    if kind == "NOT_FOUND":
        return failures.unseen(problem, call.where, call.needs)
    if kind in {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        fix = failures.missing_right(call.needs)
    else:
        fix = "GitHub does not take the request for the reason above"
    return ConfigError(problem, where=call.where, fix=fix)
