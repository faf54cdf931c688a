"""Branches of GitHub: where they are, new ones, and commits without a clone.

``createCommitOnBranch`` compares the branch with the head that is expected and moves it in one
step, so a commit is there as a whole or not at all. A lost answer leaves open which: the branch
tells, by the commit's mark.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from landrace.errors import ConfigError
from landrace.forge import values
from landrace.forge.base import HeadMovedError, LostAnswerError, UnseenError
from landrace.forge.github_api import segment
from landrace.forge.plain import one_line
from landrace.forge.values import field
from landrace.strict_json import At, a_list, text

if TYPE_CHECKING:
    from landrace.forge.base import NewCommit
    from landrace.forge.github_api import GitHubApi

_READ = "`contents: read`"
_WRITE = "`contents: write`"
_ATTEMPTS = 3
# How far back a commit is looked for: others may already have built upon it.
_MOST_BACK = 30

_CREATE = """\
mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}
"""


def head(api: GitHubApi, branch: str) -> str | None:
    """The commit at which a branch is now; None where there is none that the token sees."""
    doing = f"find the branch {one_line(branch)}"
    call = api.call("GET", f"git/ref/heads/{segment(branch)}", doing=doing, needs=_READ)
    try:
        found: str = api.send(call, _ref_target)
    except UnseenError:
        return None
    return found


def create(api: GitHubApi, branch: str, sha: str) -> None:
    """Make a branch at a commit; if it is there already, that is enough."""
    call = api.call(
        "POST",
        "git/refs",
        doing=f"create the branch {one_line(branch)}",
        needs=_WRITE,
        body={"ref": f"refs/heads/{branch}", "sha": sha},
    )
    try:
        api.run(call)
    except ConfigError:
        # A try whose answer got lost may have made it: then the next one is told that it exists.
        if head(api, branch) != sha:
            raise


def delete(api: GitHubApi, branch: str) -> None:
    """Remove a branch; if it is gone already, that is enough."""
    call = api.call(
        "DELETE",
        f"git/refs/heads/{segment(branch)}",
        doing=f"delete the branch {one_line(branch)}",
        needs=_WRITE,
    )
    try:
        api.run(call)
    except ConfigError:
        if head(api, branch) is not None:
            raise


def merge(api: GitHubApi, branch: str, sha: str, message: str) -> None:
    """Merge a commit into a branch; what is merged already stays as it is.

    Raises:
        ConfigError: git cannot join the two, or the token may not: it takes a right of its own
            where the commit brings other workflows.
    """
    call = api.call(
        "POST",
        "merges",
        doing=f"merge {sha[:12]} into the branch {one_line(branch)}",
        needs=_WRITE,
        body={"base": branch, "head": sha, "commit_message": message},
    )
    api.run(call)


def commit(api: GitHubApi, new: NewCommit) -> str:
    """The id of one new commit on a branch. Raises as `GitHub.commit` says."""
    lost: LostAnswerError | None = None
    for attempt in range(_ATTEMPTS):
        if attempt:
            api.pause(attempt)
        try:
            return _create_commit(api, new)
        except LostAnswerError as error:
            lost = error
        except HeadMovedError:
            if lost is None:
                raise
        made = _find_commit(api, new)
        if made:
            return made
    assert lost is not None
    raise lost


def _create_commit(api: GitHubApi, new: NewCommit) -> str:
    additions = [
        {"path": path, "contents": base64.b64encode(content).decode("ascii")}
        for path, content in sorted(new.additions.items())
    ]
    deletions = [{"path": path} for path in sorted(new.deletions)]
    variables = {
        "input": {
            "branch": {"repositoryNameWithOwner": api.repository, "branchName": new.branch},
            "expectedHeadOid": new.expected_head,
            "message": {"headline": new.headline, "body": new.body},
            "fileChanges": {"additions": additions, "deletions": deletions},
        }
    }
    doing = f"commit to the branch {one_line(new.branch)}"
    data = api.graphql(_CREATE, variables, doing=doing, needs=_WRITE, repeatable=False)
    return field(data, At("GitHub's answer"), "createCommitOnBranch.commit.oid", values.object_id)


def _find_commit(api: GitHubApi, new: NewCommit) -> str | None:
    """The commit that a try without an answer has made; None if the branch has not moved.

    Raises:
        HeadMovedError: the branch has moved, and not by that commit.
    """
    call = api.call(
        "GET",
        "commits",
        doing=f"look whether the commit is on the branch {one_line(new.branch)}",
        needs=_READ,
        query={"sha": new.branch, "per_page": _MOST_BACK},
    )
    at = At(f"the answer to {call.where}")
    newest_first = api.send(call, a_list)
    ids = [field(found, at, "sha", values.object_id) for found in newest_first]
    if ids[:1] == [new.expected_head]:
        return None
    for oid, found in zip(ids, newest_first, strict=True):
        if _is(found, at, new):
            return oid
    raise _moved(new)


def _is(found: Any, at: At, new: NewCommit) -> bool:
    parents = field(found, at, "parents", a_list)
    message = field(found, at, "commit.message", text)
    on_top = [field(parent, at, "sha", values.object_id) for parent in parents]
    return on_top == [new.expected_head] and new.mark in message.splitlines()


def _moved(new: NewCommit) -> HeadMovedError:
    return HeadMovedError(
        f"the branch {one_line(new.branch)} is no longer at {new.expected_head[:12]}",
        where=one_line(new.branch),
        fix="somebody has pushed meanwhile: run the pipeline again on the new commit",
    )


def _ref_target(value: object, at: At) -> str:
    return field(value, at, "object.sha", values.object_id)
