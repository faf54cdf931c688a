"""What a fake GitHub keeps, and what each operation of its API does to it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from forge.hosted import NoSuchPathError, StaleError
from forge.serving import Response, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from forge.hosted import HostedRepository
    from forge.tokens import Token

    Answer = Callable[["Asked"], Response]

OWN_ID = 1
FORK_ID = 2
_WEB = "https://github.example"


@dataclass
class Comment:
    id: int
    number: int
    login: str
    body: str
    reason: str | None = None
    """Why it is minimised; None while it is not."""


@dataclass
class Pull:
    number: int
    head: str
    """The branch; of a fork it stands at ``refs/pull/<number>/head`` only."""
    base: str
    title: str = "A change"
    body: str | None = None
    fork: str | None = None
    """The fork's full name; empty if the fork has been deleted."""
    state: str = "open"
    merged_at: str | None = None
    base_sha: str = ""
    """Where the base was at the last push to the head; GitHub tells no newer one."""


class Status(NamedTuple):
    sha: str
    state: str
    context: str
    description: str
    url: str | None
    login: str


class Asked(NamedTuple):
    """A request, matched: the parts of its path, its JSON and who asks."""

    parts: dict[str, str]
    query: dict[str, str]
    body: Any
    token: Token


@dataclass
class GitHubState:
    """The repository with its pull requests, comments and statuses."""

    repository: HostedRepository
    comments: list[Comment] = field(default_factory=list)
    pulls: dict[int, Pull] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._ids = count(5_000_000_001)  # beyond 32 bits, as real ones are

    def open_pull(self, head: str, base: str = "main", **more: Any) -> int:
        """A pull request of a branch that is there; the number. ``fork`` makes it a stranger's."""
        number = next(self._numbers)
        self.pulls[number] = Pull(number, head, base, **more)
        self.retarget(number, base)
        ref = f"refs/pull/{number}/head"
        if self.pulls[number].fork is None:
            self.repository.git("symbolic-ref", ref, f"refs/heads/{head}")
        else:
            self.repository.git("update-ref", ref, self.repository.existing(head))
            self.repository.git("update-ref", "-d", f"refs/heads/{head}")
        return number

    def retarget(self, number: int, base: str) -> None:
        """Somebody changes the branch that it is into."""
        self.pulls[number].base = base
        self.pulls[number].base_sha = self.repository.existing(base)

    def comment(self, number: int, body: str, login: str = "eve") -> Comment:
        """Somebody comments; what is returned may be changed."""
        made = Comment(next(self._ids), number, login, body)
        self.comments.append(made)
        return made

    def head_of(self, number: int) -> str:
        return self.repository.existing(f"refs/pull/{number}/head")

    def describe(self, pull: Pull) -> dict[str, Any]:
        """A pull request as the API and payloads show it."""
        own = {"id": OWN_ID, "full_name": self.repository.full_name}
        fork = {"id": FORK_ID, "full_name": pull.fork} if pull.fork else None
        return {
            "number": pull.number,
            "state": pull.state,
            "merged_at": pull.merged_at,
            "title": pull.title,
            "body": pull.body,
            "html_url": f"{_WEB}/{self.repository.full_name}/pull/{pull.number}",
            "head": {
                "sha": self.head_of(pull.number),
                "ref": pull.head,
                "repo": own if pull.fork is None else fork,
            },
            "base": {"sha": pull.base_sha, "ref": pull.base, "repo": own},
        }

    def routes(self) -> dict[str, tuple[str, str, Answer]]:
        """By operation: the permission and level that it takes, and what does it."""
        repo = "/repos/{owner}/{repo}"
        comments = f"{repo}/issues/{{issue_number}}/comments"
        comment = f"{repo}/issues/comments/{{comment_id}}"
        pull = f"{repo}/pulls/{{pull_number}}"
        return {
            f"GET {pull}": ("pull-requests", "read", self._get_pull),
            f"PATCH {pull}": ("pull-requests", "write", self._update_pull),
            f"GET {repo}/pulls": ("pull-requests", "read", self._list_pulls),
            f"POST {repo}/pulls": ("pull-requests", "write", self._create_pull),
            f"GET {repo}/git/ref/{{ref}}": ("contents", "read", self._get_ref),
            f"POST {repo}/git/refs": ("contents", "write", self._create_ref),
            f"DELETE {repo}/git/refs/{{ref}}": ("contents", "write", self._delete_ref),
            f"POST {repo}/merges": ("contents", "write", self._merge),
            f"GET {repo}/commits": ("contents", "read", self._list_commits),
            f"POST {repo}/statuses/{{sha}}": ("statuses", "write", self._create_status),
            f"GET {comments}": ("pull-requests", "read", self._list_comments),
            f"POST {comments}": ("pull-requests", "write", self._create_comment),
            f"PATCH {comment}": ("pull-requests", "write", self._update_comment),
            f"DELETE {comment}": ("pull-requests", "write", self._delete_comment),
        }

    # Pull requests.

    def _get_pull(self, asked: Asked) -> Response:
        pull = self.pulls.get(int(asked.parts["pull_number"]))
        return json_response(200, self.describe(pull)) if pull else NOT_FOUND

    def _list_pulls(self, asked: Asked) -> Response:
        owner = self.repository.full_name.partition("/")[0]
        found = [
            self.describe(pull)
            for pull in reversed(self.pulls.values())
            if asked.query["state"] in {pull.state, "all"}
            and pull.base == asked.query["base"]
            and f"{(pull.fork or owner).partition('/')[0]}:{pull.head}" == asked.query["head"]
        ]
        return json_response(200, found)

    def _create_pull(self, asked: Asked) -> Response:
        head, base = asked.body["head"], asked.body["base"]
        if self.repository.head(head) is None or self.repository.head(base) is None:
            return _invalid("PullRequest", "head", "invalid")
        wanted = (head, base, "open", None)
        if any((p.head, p.base, p.state, p.fork) == wanted for p in self.pulls.values()):
            return _invalid(
                "PullRequest", "", "custom", f"A pull request already exists for {head}."
            )
        number = self.open_pull(head, base, title=asked.body["title"], body=asked.body["body"])
        return json_response(201, self.describe(self.pulls[number]))

    def _update_pull(self, asked: Asked) -> Response:
        pull = self.pulls[int(asked.parts["pull_number"])]
        pull.title, pull.body = asked.body["title"], asked.body["body"]
        return json_response(200, self.describe(pull))

    # Branches and commits.

    def _get_ref(self, asked: Asked) -> Response:
        ref = f"refs/{asked.parts['ref']}"
        found = self.repository.head(ref)
        return json_response(200, {"ref": ref, "object": {"sha": found}}) if found else NOT_FOUND

    def _create_ref(self, asked: Asked) -> Response:
        ref, sha = asked.body["ref"], asked.body["sha"]
        if self.repository.head(ref):
            return json_response(422, {"message": "Reference already exists"})
        if self.repository.head(sha) is None:
            return json_response(422, {"message": "Object does not exist"})
        self.repository.git("update-ref", ref, sha, "0" * 40)
        return json_response(201, {"ref": ref, "object": {"sha": sha}})

    def _delete_ref(self, asked: Asked) -> Response:
        ref = f"refs/{asked.parts['ref']}"
        if not self.repository.head(ref):
            return json_response(422, None)  # GitHub promises no words here
        branch = ref.removeprefix("refs/heads/")
        for pull in self.pulls.values():
            if pull.head == branch and pull.fork is None:
                self._leave(pull)
        self.repository.git("update-ref", "-d", ref)
        return json_response(204, None)

    def _leave(self, pull: Pull) -> None:
        """A pull request outlives its branch: closed, and with the commits that it had."""
        pull.state = "closed"
        head = self.head_of(pull.number)
        self.repository.git("update-ref", "--no-deref", f"refs/pull/{pull.number}/head", head)

    def _merge(self, asked: Asked) -> Response:
        branch, head = asked.body["base"], asked.body["head"]
        if self.repository.head(branch) is None or self.repository.head(head) is None:
            return json_response(404, None)
        if head in self.repository.history(branch):
            return json_response(204, None)
        merged = self.repository.merge(branch, head, asked.body["commit_message"])
        if merged is None:
            return json_response(409, None)
        self.repository.git("update-ref", f"refs/heads/{branch}", merged)
        return json_response(201, {"sha": merged})

    def _list_commits(self, asked: Asked) -> Response:
        if self.repository.head(asked.query["sha"]) is None:
            return NOT_FOUND
        oids = self.repository.history(asked.query["sha"])[: int(asked.query["per_page"])]
        return json_response(200, [self._describe_commit(oid) for oid in oids])

    def _describe_commit(self, oid: str) -> dict[str, Any]:
        parents = [{"sha": parent} for parent in self.repository.parents(oid)]
        return {
            "sha": oid,
            "commit": {"message": self.repository.message(oid)},
            "parents": parents,
        }

    def create_commit(self, token: Token, given: dict[str, Any]) -> Response:
        """The mutation ``createCommitOnBranch``."""
        branch = given["branch"]["branchName"]
        if given["branch"]["repositoryNameWithOwner"] != self.repository.full_name:
            return _refused("NOT_FOUND", "Could not resolve to a Repository with the name.")
        if not token.may("contents", "write"):
            return _refused("FORBIDDEN", "Resource not accessible by integration")
        if self.repository.head(branch) is None:
            return _refused("NOT_FOUND", f"No branch named {branch}.")
        if self.repository.is_protected(branch):
            message = "Changes must be made through a pull request."
            return _refused("BRANCH_PROTECTION_RULE_VIOLATION", message)
        return self._commit(token, branch, given)

    def _commit(self, token: Token, branch: str, given: dict[str, Any]) -> Response:
        changes, expected = given["fileChanges"], given["expectedHeadOid"]
        files: dict[str, bytes | None] = {
            one["path"]: base64.b64decode(one["contents"], validate=True)
            for one in changes["additions"]
        }
        files |= {one["path"]: None for one in changes["deletions"]}
        message = f"{given['message']['headline']}\n\n{given['message']['body']}"
        try:
            oid = self.repository.commit(
                branch, files, message, expected=expected, author=token.login
            )
        except StaleError:
            moved = f'Expected branch to point to "{expected}" but it did not.  Pull and try again.'
            return _refused("STALE_DATA", moved)
        except NoSuchPathError:
            gone = f"A path was requested for deletion which does not exist as of commit oid `{expected}`"
            return _refused("NOT_FOUND", gone)
        return json_response(200, {"data": {"createCommitOnBranch": {"commit": {"oid": oid}}}})

    def _create_status(self, asked: Asked) -> Response:
        body = asked.body
        made = Status(
            asked.parts["sha"],
            body["state"],
            body["context"],
            body["description"],
            body.get("target_url"),
            asked.token.login,
        )
        if self.repository.head(made.sha) is None:
            return json_response(422, {"message": f"No commit found for SHA: {made.sha}"})
        self.statuses.append(made)
        return json_response(201, {"state": made.state, "context": made.context})

    # Comments.

    def _list_comments(self, asked: Asked) -> Response:
        number = int(asked.parts["issue_number"])
        if number not in self.pulls:
            return NOT_FOUND
        found = [self._describe_comment(one) for one in self.comments if one.number == number]
        size, page = int(asked.query["per_page"]), int(asked.query["page"])
        more = page * size < len(found)
        # A client that follows it would take its token to another host.
        link = f'<https://elsewhere.example/?page={page + 1}>; rel="next"' if more else ""
        return json_response(200, found[(page - 1) * size : page * size], link=link)

    def _create_comment(self, asked: Asked) -> Response:
        number = int(asked.parts["issue_number"])
        if number not in self.pulls:
            return NOT_FOUND
        made = self.comment(number, asked.body["body"], asked.token.login)
        return json_response(201, self._describe_comment(made))

    def _update_comment(self, asked: Asked) -> Response:
        found = self._find(asked)
        if found is None:
            return NOT_FOUND
        if found.login != asked.token.login:
            return json_response(403, {"message": "You cannot edit this comment"})
        found.body = asked.body["body"]
        return json_response(200, self._describe_comment(found))

    def _delete_comment(self, asked: Asked) -> Response:
        found = self._find(asked)
        if found is None:
            return NOT_FOUND
        self.comments.remove(found)
        return json_response(204, None)

    def _find(self, asked: Asked) -> Comment | None:
        wanted = int(asked.parts["comment_id"])
        return next((one for one in self.comments if one.id == wanted), None)

    def _describe_comment(self, one: Comment) -> dict[str, Any]:
        page = f"{_WEB}/{self.repository.full_name}/pull/{one.number}"
        return {
            "id": one.id,
            "body": one.body,
            "html_url": f"{page}#issuecomment-{one.id}",
            "user": {"login": one.login} if one.login else None,
            "minimized": {"reason": one.reason} if one.reason else None,
        }


NOT_FOUND = json_response(404, {"message": "Not Found"})


def _invalid(resource: str, name: str, code: str, message: str = "") -> Response:
    error = {"resource": resource, "field": name, "code": code, "message": message}
    return json_response(422, {"message": "Validation Failed", "errors": [error]})


def _refused(kind: str, message: str) -> Response:
    """How GraphQL refuses: with the status 200."""
    error = {"type": kind, "path": ["createCommitOnBranch"], "message": message}
    body = {"data": {"createCommitOnBranch": None}, "errors": [error]}
    return json_response(200, body)
