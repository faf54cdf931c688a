"""GitHub's events, out of the environment and the payload file that a runner provides.

The payload is the only witness: ``GITHUB_SHA`` of a pull request is a merge commit that nobody
wrote, and its head is ``pull_request.head.sha``.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import ConfigError, RefusedError
from landrace.forge import values
from landrace.forge.base import Event, PullRequest
from landrace.forge.plain import one_line
from landrace.forge.values import field, variable
from landrace.strict_json import At, an_object, optional, parse, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landrace.forge.base import Kind

    Reader = Callable[["_Run", object, At], Event]

# GitHub itself delivers no payload above 25 MB.
_MOST_BYTES = 25 << 20

# They run with secrets and a writing token for whoever opens a pull request.
_DANGEROUS = frozenset({"pull_request_target", "workflow_run", "issue_comment"})


class _Run(NamedTuple):
    """What the environment says about the run itself."""

    repository: str
    sha: str
    id: str
    attempt: int
    url: str


def read_event(environ: Mapping[str, str]) -> Event:
    """The event that started this run of GitHub Actions.

    Raises:
        ConfigError: not in GitHub Actions, an event that landrace has nothing to do on, or a
            payload that is not what GitHub sends; with the file and the key.
        RefusedError: an event that gives a stranger's pull request this repository's rights.
    """
    name = variable(environ, "GITHUB_EVENT_NAME", text)
    reader = _reader(name)
    run = _run(environ)
    path = Path(variable(environ, "GITHUB_EVENT_PATH", text))
    at = At(str(path))
    payload = an_object(parse(_content(path), str(path)), at)
    event = reader(run, payload, at)
    return dataclasses.replace(
        event,
        sender_is_bot=_sender_is_bot(payload, at),
        default_branch=_default_branch(payload, at),
    )


def resolved(event: Event, ref: str, pull_request: Callable[[int], PullRequest]) -> Event:
    """The event with the pull request that a dispatch asked for; any other as it is.

    Args:
        event: what `read_event` found.
        ref: on which the run was started, such as ``refs/heads/main``.
        pull_request: asks the forge for a pull request by its number.

    Raises:
        RefusedError: the pull request is not into the branch on which the run was started.
    """
    if event.asked_for is None:
        return event
    found = pull_request(event.asked_for)
    _check_target(found, ref)
    return dataclasses.replace(
        event,
        pull_request=found,
        base_sha=found.base_sha,
        head_sha=found.head_sha,
        asked_for=None,
        target=found.base_ref,
    )


def read_pull_request(value: object, at: At) -> PullRequest:
    """A pull request as payloads and the REST API both describe it. Raises `FormatError`."""
    head_id = field(value, at, "head.repo", optional(_id))
    base_id = field(value, at, "base.repo", _id)
    return PullRequest(
        number=field(value, at, "number", values.number),
        base_sha=field(value, at, "base.sha", values.object_id),
        base_ref=field(value, at, "base.ref", values.branch),
        base_repository=field(value, at, "base.repo.full_name", values.repository),
        head_sha=field(value, at, "head.sha", values.object_id),
        head_ref=field(value, at, "head.ref", values.branch),
        head_repository=field(value, at, "head.repo", optional(_full_name)),
        is_fork=head_id != base_id,
        is_closed=field(value, at, "state", text) != "open",
    )


def _check_target(found: PullRequest, ref: str) -> None:
    """The ref is what an environment admitted, and base has the say over what its keys do.

    Whoever may push can make another branch, and a pull request into it.
    """
    if ref != f"refs/heads/{found.base_ref}":
        target = one_line(found.base_ref)
        raise RefusedError(
            f"the pull request {found.number} is into {target}, and this run was started on "
            f"{one_line(ref)}",
            where="GITHUB_REF",
            fix=f"start it on {target}, if the environments of the secrets may admit that branch",
        )


def _id(value: object, at: At) -> int:
    return field(value, at, "id", values.number)


def _full_name(value: object, at: At) -> str:
    return field(value, at, "full_name", values.repository)


def _reader(name: str) -> Reader:
    if name in _DANGEROUS:
        raise RefusedError(
            f"`{name}` runs with this repository's rights on a stranger's pull request",
            where="GITHUB_EVENT_NAME",
            fix="start the workflow on pull_request",
        )
    if name not in _READERS:
        raise ConfigError(
            f"landrace has nothing to do on the event `{one_line(name, limit=60)}`",
            where="GITHUB_EVENT_NAME",
            fix=f"start the workflow on one of {', '.join(_READERS)}",
        )
    return _READERS[name]


def _run(environ: Mapping[str, str]) -> _Run:
    repository = variable(environ, "GITHUB_REPOSITORY", values.repository)
    run_id = variable(environ, "GITHUB_RUN_ID", values.digits)
    server = variable(environ, "GITHUB_SERVER_URL", values.web_address, "https://github.com")
    return _Run(
        repository=repository,
        sha=variable(environ, "GITHUB_SHA", values.object_id),
        id=str(run_id),
        attempt=variable(environ, "GITHUB_RUN_ATTEMPT", values.digits, "1"),
        url=f"{server}/{repository}/actions/runs/{run_id}",
    )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            found = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"the event's payload cannot be read ({error.strerror or error})",
            where=str(path),
            fix="set GITHUB_EVENT_PATH to the payload's file",
        ) from error
    if len(found) > _MOST_BYTES:
        raise ConfigError("the event's payload has more than 25 MB", where=str(path))
    return found


def _sender_is_bot(payload: dict[str, object], at: At) -> bool:
    sender = payload.get("sender")
    return sender is not None and field(sender, at.key("sender"), "type", text) == "Bot"


def _default_branch(payload: dict[str, object], at: At) -> str | None:
    known = an_object(payload.get("repository", {}), at.key("repository"))
    if "default_branch" not in known:  # another forge's runner may leave it out
        return None
    return field(known, at.key("repository"), "default_branch", values.branch)


def _pull_request(run: _Run, payload: object, at: At) -> Event:
    found = field(payload, at, "pull_request", read_pull_request)
    if found.base_repository.lower() != run.repository.lower():
        raise at.key("pull_request.base.repo.full_name").error(
            f"is not the repository of this run, {run.repository}"
        )
    event = _event("pull_request", run, found.head_sha, found.base_sha, found)
    return dataclasses.replace(event, is_wording=_is_wording(payload, at), target=found.base_ref)


def _is_wording(payload: object, at: At) -> bool:
    """An edit of the pull request that leaves its target alone, which is told as one, too."""
    if an_object(payload, at).get("action") != "edited":
        return False
    return "base" not in field(payload, at, "changes", an_object)


def _merge_group(run: _Run, payload: object, at: At) -> Event:
    head = field(payload, at, "merge_group.head_sha", values.object_id)
    base = field(payload, at, "merge_group.base_sha", values.object_id)
    target = field(payload, at, "merge_group.base_ref", values.branch_of_ref)
    return dataclasses.replace(_event("merge_group", run, head, base), target=target)


def _dispatch(run: _Run, payload: object, at: At) -> Event:
    event = _event("workflow_dispatch", run, run.sha)
    inputs = field(payload, at, "inputs", optional(an_object)) or {}
    asked = inputs.get("pull_request")
    if asked is None or asked == "":
        return event
    check = values.digits if isinstance(asked, str) else values.number
    number = check(asked, at.key("inputs").key("pull_request"))
    return dataclasses.replace(event, asked_for=number)


def _push(run: _Run, payload: object, at: At) -> Event:
    before = field(payload, at, "before", values.object_id)
    after = field(payload, at, "after", values.object_id)
    if values.is_nothing(after):
        raise at.key("after").error("says that the branch was deleted: there is nothing to do")
    return _event("push", run, after, None if values.is_nothing(before) else before)


def _schedule(run: _Run, payload: object, at: At) -> Event:
    del payload, at  # it says only which line of the timetable it was
    return _event("schedule", run, run.sha)


def _event(
    kind: Kind,
    run: _Run,
    head: str,
    base: str | None = None,
    pull_request: PullRequest | None = None,
) -> Event:
    return Event(
        kind=kind,
        repository=run.repository,
        head_sha=head,
        base_sha=base,
        pull_request=pull_request,
        sender_is_bot=False,
        run_id=run.id,
        run_attempt=run.attempt,
        run_url=run.url,
    )


_READERS: dict[str, Reader] = {
    "pull_request": _pull_request,
    "merge_group": _merge_group,
    "workflow_dispatch": _dispatch,
    "push": _push,
    "schedule": _schedule,
}
