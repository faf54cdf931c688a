"""GitHub: what landrace asks of it and says there, about one repository."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from landrace.forge import github_api, github_branch, github_pulls, sticky, values
from landrace.forge.base import Comment, Live, UnseenError
from landrace.forge.events import read_pull_request
from landrace.forge.plain import one_line
from landrace.forge.values import field
from landrace.strict_json import At, an_object, optional, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from landrace.forge.base import NewCommit, NewPullRequest, Proposal, PullRequest, Status, Upsert
    from landrace.forge.github_api import GitHubApi

_READ_PULLS = "`pull-requests: read`"
_WRITE_PULLS = "`pull-requests: write`"
_LONGEST_DESCRIPTION = 140

_VIEWER = "query { viewer { login } }"


@contextmanager
def connect(
    environ: Mapping[str, str], *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[GitHub]:
    """The repository that a step of GitHub Actions is about, with its ``GITHUB_TOKEN``.

    Raises:
        ConfigError: a variable is missing or is not what GitHub sets.
    """
    with github_api.connect(environ, sleep=sleep) as api:
        yield GitHub(api)


class GitHub:
    """A `Forge`.

    A method sends what it must, tries again what may be tried again, and raises:

    ConfigError: the token, its rights, or what was asked for need a change.
    RefusedError: the branch is protected.
    OutageError: GitHub fails, or does not answer (`LostAnswerError`).
    FormatError: the answer is not what GitHub sends.
    """

    comment_limit = 65_536

    def __init__(self, api: GitHubApi) -> None:
        self._api = api

    def pull_request(self, number: int) -> PullRequest:
        """A pull request as it is now, but for ``base_sha``."""
        doing = f"read the pull request {number}"
        call = self._api.call("GET", f"pulls/{number}", doing=doing, needs=_READ_PULLS)
        found: PullRequest = self._api.send(call, read_pull_request)
        return found

    def live(self, number: int) -> Live:
        """Where a pull request is now."""
        found = self.pull_request(number)
        return Live(found.head_sha, found.base_ref, found.is_closed)

    def branch_head(self, branch: str) -> str | None:
        """The commit at which a branch is now; None where there is none that the token sees."""
        return github_branch.head(self._api, branch)

    def create_branch(self, branch: str, sha: str) -> None:
        """Make a branch at a commit; done already is done."""
        github_branch.create(self._api, branch, sha)

    def delete_branch(self, branch: str) -> None:
        """Remove a branch, and close its pull requests; done already is done."""
        github_branch.delete(self._api, branch)

    def merge(self, branch: str, sha: str, *, message: str) -> None:
        """Merge a commit into a branch; done already is done.

        Raises:
            ConfigError: git cannot join the two, or the token may not: it takes a right of its
                own where the commit brings other workflows.
        """
        github_branch.merge(self._api, branch, sha, message)

    def commit(self, new: NewCommit) -> str:
        """The id of one new commit on a branch, signed by GitHub, in the token owner's name.

        All of it or nothing: it fails if the branch is not at ``new.expected_head``.

        Raises:
            HeadMovedError: the branch is elsewhere.
        """
        return github_branch.commit(self._api, new)

    def proposals(self, head: str, base: str) -> list[Proposal]:
        """The newest hundred pull requests between two branches, the newest first."""
        return github_pulls.between(self._api, head, base)

    def upsert_pull_request(self, new: NewPullRequest) -> Upsert:
        """The one open pull request between two branches: opened, or brought up to date."""
        return github_pulls.upsert(self._api, new)

    def upsert_comment(
        self, number: int, body: str, *, marker: str, unless: str | None = None
    ) -> Upsert:
        """Say something on a pull request in the one comment with this marker.

        One whose last line begins with ``unless`` stays as it is.
        """
        return sticky.upsert(self, number, body, marker=marker, unless=unless)

    def set_status(self, sha: str, status: Status) -> None:
        """Give a commit a status. GitHub keeps 1,000 of a context; the newest counts."""
        body = {"state": status.state, "context": status.context}
        body["description"] = one_line(status.description, limit=_LONGEST_DESCRIPTION)
        if status.url:
            body["target_url"] = status.url
        doing = f"set the status {status.context}"
        self._api.run(
            self._api.call(
                "POST", f"statuses/{sha}", doing=doing, needs="`statuses: write`", body=body
            )
        )

    def viewer(self) -> str:
        """The login under which the token writes: ``github-actions[bot]`` for a job's own."""
        data = self._api.graphql(_VIEWER, {}, doing="ask whose token it is", needs="any right")
        return field(data, At("GitHub's answer"), "viewer.login", text)

    def comments(self, number: int) -> list[Comment]:
        """All comments of a pull request, oldest first; those of a deleted user have no author."""
        doing = f"list the comments of the pull request {number}"
        path = f"issues/{number}/comments"
        call = self._api.call("GET", path, doing=doing, needs=_READ_PULLS)
        return [
            _comment(found, At(f"the answer to {call.where}")) for found in self._api.pages(call)
        ]

    def create_comment(self, number: int, body: str) -> Comment:
        """Write a comment. Raises `LostAnswerError` where it is not known if it was written."""
        call = self._api.call(
            "POST",
            f"issues/{number}/comments",
            doing=f"comment on the pull request {number}",
            needs=_WRITE_PULLS,
            body={"body": body},
            repeatable=False,
        )
        made: Comment = self._api.send(call, _comment)
        return made

    def update_comment(self, number: int, comment: Comment, body: str) -> None:
        """Give a comment another text."""
        self._api.run(
            self._api.call(
                "PATCH",
                f"issues/comments/{comment.id}",
                doing=f"update a comment on the pull request {number}",
                needs=_WRITE_PULLS,
                body={"body": body},
            )
        )

    def delete_comment(self, number: int, comment: Comment) -> None:
        """Remove a comment, unless it is gone already."""
        call = self._api.call(
            "DELETE",
            f"issues/comments/{comment.id}",
            doing=f"delete a comment on the pull request {number}",
            needs=_WRITE_PULLS,
        )
        with suppress(UnseenError):
            self._api.run(call)


def _comment(value: object, at: At) -> Comment:
    members = an_object(value, at)
    return Comment(
        id=field(value, at, "id", values.number),
        author=field(value, at, "user", optional(_login)) or "",
        body=text(members.get("body") or "", at.key("body")),
        url=field(value, at, "html_url", text),
        # Older servers do not tell.
        is_hidden=members.get("minimized") is not None,
    )


def _login(value: object, at: At) -> str:
    return field(value, at, "login", text)
