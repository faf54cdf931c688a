"""Pull requests that landrace opens itself: one for each pair of branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from landrace.digest import normalize_newlines
from landrace.errors import ConfigError
from landrace.forge import values
from landrace.forge.base import LostAnswerError, Proposal, Upsert
from landrace.forge.events import read_pull_request
from landrace.forge.plain import one_line, published
from landrace.forge.values import field
from landrace.strict_json import At, a_list, an_object, optional, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.forge.base import NewPullRequest
    from landrace.forge.github_api import GitHubApi

_READ = "`pull-requests: read`"
# A job's own token also needs the repository's consent.
_WRITE = (
    "`pull-requests: write`, and 'Allow GitHub Actions to create pull requests' in its settings"
)
_LONGEST_BODY = 65_536
_ATTEMPTS = 3
_MOST_LISTED = 100


def upsert(api: GitHubApi, new: NewPullRequest) -> Upsert:
    """The one open pull request between two branches: opened, or brought up to date.

    Secrets in its texts are masked.

    Raises:
        ConfigError: the text is longer than GitHub takes; and what the calls raise.
    """
    new = new._replace(title=one_line(new.title, limit=256), body=published(new.body))
    if len(new.body) > _LONGEST_BODY:
        raise ConfigError(
            f"the pull request's text has {len(new.body):,} characters; GitHub takes 65,536",
            where=one_line(new.head),
            fix="shorten the report",
        )
    for attempt in range(1, _ATTEMPTS + 1):
        opened = next(_listed(api, new.head, new.base, state="open"), None)
        if opened:
            return _update(api, new, opened)
        try:
            return Upsert(_open(api, new), "created")
        except LostAnswerError:
            if attempt == _ATTEMPTS:
                raise
            api.pause(attempt)
    raise AssertionError("at least one attempt is made")


def between(api: GitHubApi, head: str, base: str) -> list[Proposal]:
    """The newest hundred pull requests between two branches, the newest first."""
    return [_proposal(found) for found in _listed(api, head, base, state="all")]


def _listed(
    api: GitHubApi, head: str, base: str, *, state: Literal["open", "all"]
) -> Iterator[dict[str, object]]:
    owner = api.repository.partition("/")[0]
    call = api.call(
        "GET",
        "pulls",
        doing=f"look for the pull requests of {one_line(head)}",
        needs=_READ,
        query={"state": state, "head": f"{owner}:{head}", "base": base, "per_page": _MOST_LISTED},
    )
    at = At(f"the answer to {call.where}")
    for found in api.send(call, a_list):
        # GitHub leaves out a filter that it does not understand.
        pull = read_pull_request(found, at)
        if (pull.head_ref, pull.base_ref, pull.is_fork) == (head, base, False):
            yield an_object(found, at)


def _proposal(found: dict[str, object]) -> Proposal:
    at = At("GitHub's pull request")
    merged = field(found, at, "merged_at", optional(text)) is not None
    is_open = field(found, at, "state", text) == "open"
    return Proposal(
        number=field(found, at, "number", values.number),
        url=field(found, at, "html_url", text),
        body=text(found.get("body") or "", at.key("body")),
        state="open" if is_open else "merged" if merged else "closed",
    )


def _update(api: GitHubApi, new: NewPullRequest, opened: dict[str, object]) -> Upsert:
    at = At("GitHub's pull request")
    url = field(opened, at, "html_url", text)
    body = text(opened.get("body") or "", at.key("body"))
    same = normalize_newlines(body).strip() == new.body.strip()
    if same and field(opened, at, "title", text) == new.title:
        return Upsert(url, "unchanged")
    number = field(opened, at, "number", values.number)
    api.run(
        api.call(
            "PATCH",
            f"pulls/{number}",
            doing=f"update the pull request {number}",
            needs=_WRITE,
            body={"title": new.title, "body": new.body},
        )
    )
    return Upsert(url, "updated")


def _open(api: GitHubApi, new: NewPullRequest) -> str:
    call = api.call(
        "POST",
        "pulls",
        doing=f"open a pull request of {one_line(new.head)}",
        needs=_WRITE,
        body=new._asdict(),
        repeatable=False,
    )
    url: str = api.send(call, lambda value, at: field(value, at, "html_url", text))
    return url
