"""GitLab: merge requests, their notes, and commit statuses of one project."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from landrace.errors import ConfigError
from landrace.forge import sticky, values
from landrace.forge.api import Api, Call
from landrace.forge.base import Comment, Live, UnseenError
from landrace.forge.plain import one_line
from landrace.forge.values import field, first_of, variable
from landrace.strict_json import At, an_object, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from landrace.forge.base import State, Status, Upsert
    from landrace.strict_json import Check

_READ = "the scope `read_api` and the role Reporter"
_WRITE = "the scope `api` and the role Developer"
_PROJECT = ("CI_MERGE_REQUEST_PROJECT_ID", "CI_PROJECT_ID")
_PAGE = ("CI_MERGE_REQUEST_PROJECT_URL", "CI_PROJECT_URL")
_LONGEST_DESCRIPTION = 255

_STATES: dict[State, str] = {
    "pending": "pending",
    "success": "success",
    "failure": "failed",
    "error": "failed",
}


@contextmanager
def connect(
    environ: Mapping[str, str], *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[GitLab]:
    """What a job of GitLab CI has in its environment, with an access token in ``GITLAB_TOKEN``.

    The job's own token cannot write notes. In a fork's pipeline the merge request, and so its
    notes, are in the target project.

    Raises:
        ConfigError: a variable is missing or is not what GitLab sets.
    """
    url = variable(environ, "CI_API_V4_URL", values.web_address)
    project = first_of(environ, _PROJECT, values.digits)
    page = first_of(environ, _PAGE, values.web_address)
    with Api("GitLab", environ.get("GITLAB_TOKEN", "").strip(), sleep=sleep) as api:
        yield GitLab(api, url=url, project=str(project), page=page)


class GitLab:
    """A `Forge`, with the same errors as `GitHub`.

    Args:
        api: sends the calls.
        url: of the API, such as ``https://gitlab.com/api/v4``.
        project: the project's number or full path.
        page: the project's page, for links to notes.
    """

    comment_limit = 1_000_000

    def __init__(self, api: Api, *, url: str, project: str, page: str) -> None:
        self._api = api
        self._url = url
        self._page = page
        self._root = f"{url}/projects/{quote(project, safe='')}"

    def live(self, number: int) -> Live:
        """Where a merge request is now."""
        path = f"merge_requests/{number}"
        call = self._call("GET", path, f"read the merge request {number}", _READ)
        found: Live = self._send(call, _live)
        return found

    def upsert_comment(
        self, number: int, body: str, *, marker: str, unless: str | None = None
    ) -> Upsert:
        """Say something on a merge request in the one note with this marker.

        One whose last line begins with ``unless`` stays as it is.
        """
        return sticky.upsert(self, number, body, marker=marker, unless=unless)

    def set_status(self, sha: str, status: Status) -> None:
        """Give a commit a status. GitLab refuses the one that it already has; that is no error."""
        query: dict[str, str | int] = {
            "state": _STATES[status.state],
            "name": status.context,
            "description": one_line(status.description, limit=_LONGEST_DESCRIPTION),
        }
        if status.url:
            query["target_url"] = status.url
        doing = f"set the status {status.context}"
        call = self._call("POST", f"statuses/{sha}", doing, _WRITE, body=query)
        try:
            self._api.send(call)
        except ConfigError as error:
            if "cannot transition status" not in error.problem.lower():
                raise

    def viewer(self) -> str:
        """The username under which the token writes."""
        call = Call("GET", f"{self._url}/user", "ask whose token it is", _READ)
        found: str = self._send(call, _username)
        return found

    def comments(self, number: int) -> list[Comment]:
        """The notes of a merge request that people and bots wrote, oldest first."""
        call = self._call(
            "GET",
            f"merge_requests/{number}/notes",
            f"list the notes of {number}",
            _READ,
            query={"order_by": "created_at", "sort": "asc"},
        )
        at = At(f"the answer to {call.where}")
        notes = [an_object(note, at) for note in self._api.pages(call)]
        return [self._note(note, at, number) for note in notes if not note.get("system")]

    def create_comment(self, number: int, body: str) -> Comment:
        """Write a note. Raises `LostAnswerError` where it is not known if it was written."""
        path = f"merge_requests/{number}/notes"
        doing = f"write a note on the merge request {number}"
        call = self._call("POST", path, doing, _WRITE, body={"body": body}, repeatable=False)
        made: Comment = self._send(call, lambda value, at: self._note(value, at, number))
        return made

    def update_comment(self, number: int, comment: Comment, body: str) -> None:
        """Give a note another text."""
        path = f"merge_requests/{number}/notes/{comment.id}"
        doing = f"update a note on the merge request {number}"
        self._api.send(self._call("PUT", path, doing, _WRITE, body={"body": body}))

    def delete_comment(self, number: int, comment: Comment) -> None:
        """Remove a note, unless it is gone already."""
        path = f"merge_requests/{number}/notes/{comment.id}"
        doing = f"delete a note on the merge request {number}"
        with suppress(UnseenError):
            self._api.send(self._call("DELETE", path, doing, _WRITE))

    def _note(self, value: object, at: At, number: int) -> Comment:
        note = field(value, at, "id", values.number)
        return Comment(
            id=note,
            author=field(value, at, "author.username", text),
            body=field(value, at, "body", text),
            url=f"{self._page}/-/merge_requests/{number}#note_{note}",
        )

    def _call(
        self,
        method: str,
        path: str,
        doing: str,
        needs: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
        repeatable: bool = True,
    ) -> Call:
        return Call(method, f"{self._root}/{path}", doing, needs, query or {}, body, repeatable)

    def _send(self, call: Call, check: Check[Any]) -> Any:
        return check(self._api.send(call).body, At(f"the answer to {call.where}"))


def _live(value: object, at: At) -> Live:
    return Live(
        head_sha=field(value, at, "sha", values.object_id),
        base_ref=field(value, at, "target_branch", values.branch),
        is_closed=field(value, at, "state", text) != "opened",
    )


def _username(value: object, at: At) -> str:
    return field(value, at, "username", text)
