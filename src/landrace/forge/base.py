"""What every forge has: events, pull requests, comments, statuses, and commits by API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from landrace.errors import ConfigError, EvidenceError, OutageError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["pull_request", "merge_group", "workflow_dispatch", "push", "schedule"]
State: TypeAlias = Literal["pending", "success", "failure", "error"]


class HeadMovedError(EvidenceError):
    """A branch no longer points to the commit that the work was made for."""


class UnseenError(ConfigError):
    """The forge has no such thing, or hides it from the token: it does not say which."""


class LostAnswerError(OutageError):
    """A request that must not be repeated blindly got no answer; it may have been carried out."""


@dataclass(frozen=True)
class PullRequest:
    """A pull request (on GitLab a merge request) at one moment.

    ``base_sha`` is a commit of the target branch, and need not be its newest: GitHub's is as old as
    the last push to the source branch, whose newest commit ``head_sha`` is. It is None where the
    forge leaves it to git which is the newest. ``head_repository`` is None where the fork has been
    deleted, which leaves ``is_fork`` true. Repositories are told apart by their number, as a name
    can be taken over.
    """

    number: int
    base_sha: str | None
    base_ref: str
    base_repository: str
    head_sha: str
    head_ref: str
    head_repository: str | None
    is_fork: bool
    is_closed: bool


class Live(NamedTuple):
    """Where a pull request is at this moment, whatever an event has said of it."""

    head_sha: str
    base_ref: str
    is_closed: bool


@dataclass(frozen=True)
class Event:
    """Why a pipeline runs.

    ``base_sha`` is None where the event has no other side (a dispatch, a schedule, a new branch),
    or where only the target branch of its pull request is known.
    ``asked_for`` is the pull request that a dispatch names and that nobody has looked up yet.
    ``sender_is_bot`` saves work; it proves nothing, as any App is a bot. ``is_wording`` if
    nothing but the title or the text of the pull request was edited. ``target`` is the branch that
    a pull request or a merge queue is into; ``default_branch`` is None if the forge did not say.
    """

    kind: Kind
    repository: str
    head_sha: str
    base_sha: str | None
    pull_request: PullRequest | None
    sender_is_bot: bool
    run_id: str
    run_attempt: int = 1
    run_url: str | None = None
    asked_for: int | None = None
    is_wording: bool = False
    target: str | None = None
    default_branch: str | None = None


class Comment(NamedTuple):
    """A comment on a pull request; ``is_hidden`` if somebody has minimised it."""

    id: int
    author: str
    body: str
    url: str
    is_hidden: bool = False


class Upsert(NamedTuple):
    """What became of something that was to exist once: its address and what was done."""

    url: str
    action: Literal["created", "updated", "unchanged"]


class Status(NamedTuple):
    """A commit's status. A description beyond the forge's limit is cut."""

    context: str
    state: State
    description: str
    url: str | None = None


@dataclass(frozen=True)
class NewCommit:
    """One commit on top of ``expected_head``, which the branch must still point to.

    ``mark`` is a line of ``body`` that no other commit has: if the forge's answer gets lost,
    the commit is known again by it.
    """

    branch: str
    expected_head: str
    headline: str
    body: str
    mark: str
    additions: Mapping[str, bytes]
    deletions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.mark not in self.body.splitlines():
            raise ValueError("the mark is no line of the commit's body")
        if not self.additions and not self.deletions:
            raise ValueError("a commit without a change")


class NewPullRequest(NamedTuple):
    """What a pull request from ``head`` to ``base``, branches of one repository, shall say."""

    head: str
    base: str
    title: str
    body: str


class Proposal(NamedTuple):
    """A pull request between two branches of one repository, whatever has become of it."""

    number: int
    url: str
    body: str
    state: Literal["open", "closed", "merged"]


class Forge(Protocol):
    """What use cases need, whatever the forge. All methods raise a `LandraceError`."""

    @property
    def comment_limit(self) -> int:
        """The most characters that a comment may have."""

    def live(self, number: int) -> Live:
        """Where a pull request is now."""

    def upsert_comment(
        self, number: int, body: str, *, marker: str, unless: str | None = None
    ) -> Upsert:
        """Say something on a pull request in the one comment with this marker.

        One whose last line begins with ``unless`` stays as it is.
        """

    def set_status(self, sha: str, status: Status) -> None:
        """Give a commit a status; the newest of a context counts."""
