"""One comment of ours on a pull request, found again and kept up to date.

It is known by a hidden marker on its first line and by its author, for anybody can write a
marker. A minimised one is left alone: somebody wanted it out of sight, so the next report is
a new comment. Where two runs have each made one, the oldest stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from landrace.digest import normalize_newlines
from landrace.errors import ConfigError
from landrace.forge.base import LostAnswerError, Upsert
from landrace.forge.plain import published

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.forge.base import Comment

_MARKER = re.compile(r"[a-z][a-z0-9:/_.-]{0,60}\Z")
_ATTEMPTS = 3


class Comments(Protocol):
    """The comments of a repository's pull requests."""

    @property
    def comment_limit(self) -> int:
        """The most characters of one."""

    def viewer(self) -> str:
        """The login under which the token writes, as `Comment.author` shows it."""

    def comments(self, number: int) -> Sequence[Comment]:
        """All comments of a pull request."""

    def create_comment(self, number: int, body: str) -> Comment:
        """Write a new one."""

    def update_comment(self, number: int, comment: Comment, body: str) -> None:
        """Give one another text."""

    def delete_comment(self, number: int, comment: Comment) -> None:
        """Remove one; no error if it is gone already."""


def upsert(
    forge: Comments, number: int, body: str, *, marker: str, unless: str | None = None
) -> Upsert:
    """Write the one comment, or bring it up to date; a text that is there already is not sent.

    Args:
        forge: where the comments are.
        number: of the pull request.
        body: Markdown; the hidden marker is put before it, and secrets are masked.
        marker: a word by which the comment is found again, such as ``landrace:report``.
        unless: a comment whose last line begins with this stays as it is: it tells more.

    Raises:
        ConfigError: the comment is longer than the forge takes; and what the forge raises.
    """
    text = _marked(body, marker)
    if len(text) > forge.comment_limit:
        raise ConfigError(
            f"the comment has {len(text):,} characters; the forge takes {forge.comment_limit:,}",
            where=f"pull request {number}",
            fix="shorten the report",
        )
    author = forge.viewer()
    ours = _ours(forge, number, author, marker)
    if not ours:
        created = _create(forge, number, text, author, marker)
        # Another run may have done the same meanwhile.
        ours = _ours(forge, number, author, marker)
        if not ours or created.id == ours[0].id:
            _remove(forge, number, ours[1:])
            return Upsert(created.url, "created")
    return _update(forge, number, ours, text, unless)


def _update(
    forge: Comments, number: int, ours: list[Comment], text: str, unless: str | None
) -> Upsert:
    oldest = ours[0]
    there = normalize_newlines(oldest.body).strip()
    same = there == text.strip() or (unless is not None and _last_line(there).startswith(unless))
    if not same:
        forge.update_comment(number, oldest, text)
    _remove(forge, number, ours[1:])
    return Upsert(oldest.url, "unchanged" if same else "updated")


def _last_line(text: str) -> str:
    """Ours, whoever wrote what a report quotes above it."""
    return text.rpartition("\n")[2]


def _create(forge: Comments, number: int, text: str, author: str, marker: str) -> Comment:
    """Write it; if the answer is lost, look for it before another try."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return forge.create_comment(number, text)
        except LostAnswerError:
            ours = _ours(forge, number, author, marker)
            if ours:
                return ours[0]
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("at least one attempt is made")


def _ours(forge: Comments, number: int, author: str, marker: str) -> list[Comment]:
    """Our visible comments with the marker, oldest first."""
    line = _line(marker)
    found = [
        comment
        for comment in forge.comments(number)
        if comment.author == author
        and not comment.is_hidden
        and comment.body.splitlines()[:1] == [line]
    ]
    return sorted(found, key=lambda comment: comment.id)


def _remove(forge: Comments, number: int, comments: Sequence[Comment]) -> None:
    for comment in comments:
        forge.delete_comment(number, comment)


def _marked(body: str, marker: str) -> str:
    return f"{_line(marker)}\n{published(body)}"


def _line(marker: str) -> str:
    if not _MARKER.match(marker) or "--" in marker:
        raise ValueError(f"not a marker: {marker!r}")
    return f"<!-- {marker} -->"
