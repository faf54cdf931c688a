"""Brings what the watch over models found before people: one pull request of one branch.

The branch is ours as long as every commit on it says so, and nothing but pipelines of base and pins
differs on it: anybody can write into a message what we do. A pull request that was closed without
being merged declines its list of changes, whose digest stands in a hidden line of its text: the
same list is not proposed again, another one is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from landrace import git
from landrace.errors import ConfigError
from landrace.forge.base import NewCommit, NewPullRequest
from landrace.reports.model_watch import commit_lines, headline, pull_request_body
from landrace.runtime.folder import REGISTRY
from landrace.store.project import PIPELINES
from landrace.workflows.pull_request.message import RUN_TRAILER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from landrace.forge.base import Proposal, Upsert
    from landrace.schemas.model_findings import ModelFindings

BRANCH = "landrace/models"
TRAILER = "Landrace-Models"

Action: TypeAlias = Literal["none", "created", "updated", "unchanged", "declined", "left alone"]

_REPLACED = (
    "The branch cannot follow the default branch, so it is made anew, and with it the pull "
    "request.\n"
)


class Hub(Protocol):
    """What this needs of a forge; `landrace.forge.github.GitHub` is one."""

    def proposals(self, head: str, base: str) -> Sequence[Proposal]: ...

    def branch_head(self, branch: str) -> str | None: ...

    def create_branch(self, branch: str, sha: str) -> None: ...

    def delete_branch(self, branch: str) -> None: ...

    def merge(self, branch: str, sha: str, *, message: str) -> None: ...

    def commit(self, new: NewCommit) -> str: ...

    def upsert_pull_request(self, new: NewPullRequest) -> Upsert: ...


class Base(NamedTuple):
    """What the findings are about, and where they are to go.

    ``commit`` is the newest one of ``branch``, and is here. ``fetch`` gets the objects of a
    branch of the forge and gives the id at which it is.
    """

    root: Path
    branch: str
    commit: str
    fetch: Callable[[str], str]


class Proposed(NamedTuple):
    """What became of it; the address is that of the pull request that decided it."""

    action: Action
    url: str | None = None


def propose(findings: ModelFindings, base: Base, hub: Hub) -> Proposed:
    """Open the pull request, bring it up to date, or leave everything as it is.

    Raises:
        HeadMovedError: somebody pushed to the branch at the same moment.
        LandraceError: the forge or git refuses, or fails.
    """
    if not findings.edits:
        return Proposed("none")
    earlier = hub.proposals(BRANCH, base.branch)
    opened = next((one for one in earlier if one.state == "open"), None)
    if opened is None:
        declined = next((one for one in earlier if _declines(one, findings)), None)
        if declined is not None:
            return Proposed("declined", declined.url)
        _start(findings, base, hub)
    elif not _go_on(findings, base, hub):
        return Proposed("left alone", opened.url)
    body = f"{_marker(findings)}\n{pull_request_body(findings)}"
    done = hub.upsert_pull_request(NewPullRequest(BRANCH, base.branch, headline(findings), body))
    return Proposed(done.action, done.url)


def _marker(findings: ModelFindings) -> str:
    return f"<!-- landrace:models {findings.digest} -->"


def _declines(proposal: Proposal, findings: ModelFindings) -> bool:
    return proposal.state == "closed" and _marker(findings) in proposal.body.splitlines()


def _start(findings: ModelFindings, base: Base, hub: Hub) -> None:
    """Make the branch anew: what is left of it belongs to no open pull request."""
    if hub.branch_head(BRANCH) is not None:
        hub.delete_branch(BRANCH)
    hub.create_branch(BRANCH, base.commit)
    files = {edit.path: edit.text.encode() for edit in findings.edits}
    hub.commit(_commit(findings, base.commit, files))


def _go_on(findings: ModelFindings, base: Base, hub: Hub) -> bool:
    """Bring the branch up to date; False if somebody else has worked on it."""
    head = base.fetch(BRANCH)
    if not _is_ours(base, head):
        return False
    parted = git.merge_base(base.root, base.commit, head)
    if _pipelines_changed(base.root, parted, base.commit):
        try:
            hub.merge(BRANCH, base.commit, message=_merge_message(findings, base))
        except ConfigError:
            # They are in conflict, or bring workflows, which a job's token may not push. Without
            # its marker the old pull request declines nothing.
            hub.upsert_pull_request(
                NewPullRequest(BRANCH, base.branch, headline(findings), _REPLACED)
            )
            _start(findings, base, hub)
            return True
        head = base.fetch(BRANCH)
    files = _outdated(findings, base, head)
    if files:
        hub.commit(_commit(findings, head, files))
    return True


def _is_ours(base: Base, head: str) -> bool:
    """Whether each commit of the branch has one of our trailers, and changes only what ours do."""
    marks = (TRAILER, RUN_TRAILER)
    if git.without_trailers(base.root, base.commit, head, marks):
        return False
    parted = git.merge_base(base.root, base.commit, head)
    others = [
        path
        for path in git.changed_files(base.root, parted, head)
        if not path.startswith(f"{REGISTRY}/")
    ]
    known = set(git.present(base.root, parted, others))
    return all(path in known and path.startswith(f"{PIPELINES}/") for path in others)


def _outdated(findings: ModelFindings, base: Base, head: str) -> dict[str, bytes]:
    """The pipelines as they should be on the branch and are not: edited, or as base has them."""
    wanted = {edit.path: edit.text.encode() for edit in findings.edits}
    paths = sorted({*_pipelines_changed(base.root, base.commit, head), *wanted})
    wanted = {**git.read_files(base.root, base.commit, paths), **wanted}
    there = git.read_files(base.root, head, paths)
    return {path: data for path, data in wanted.items() if there.get(path) != data}


def _pipelines_changed(root: Path, one: str, other: str) -> list[str]:
    changed = git.changed_files(root, one, other)
    return [path for path in changed if path.startswith(f"{PIPELINES}/")]


def _commit(findings: ModelFindings, parent: str, files: dict[str, bytes]) -> NewCommit:
    mark = f"{TRAILER}: {findings.digest}"
    return NewCommit(
        branch=BRANCH,
        expected_head=parent,
        headline=headline(findings),
        body="\n".join([*commit_lines(findings), "", mark]),
        mark=mark,
        additions=files,
    )


def _merge_message(findings: ModelFindings, base: Base) -> str:
    return f"Merge {base.branch} into {BRANCH}\n\n{TRAILER}: {findings.digest}"
