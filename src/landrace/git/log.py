"""Commits: who made them, when, and what their messages say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from landrace.git.command import checked
from landrace.git.paths import inside
from landrace.git.reading import resolve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TRAILER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*\Z")


class Commit(NamedTuple):
    """One commit; ``date`` is the author's, with its offset, or 1970 if it is no date.

    ``parents`` are ids, in the order of a merge; `history` says which.
    """

    sha: str
    date: datetime
    author: str
    subject: str
    parents: tuple[str, ...]


def history(root: Path, path: str, ref: str = "HEAD") -> list[Commit]:
    """The commits that changed a path, newest first. Renames are not followed.

    The parents of one are the nearest commits before it that changed the path: what they have
    there is what the commit was made on. Where there are none, nothing was.

    Raises:
        RefusedError: the path leads out of the repository.
        RepositoryError: there is no such commit.
    """
    return _log(root, ["--parents", resolve(root, ref), "--", inside(path)])


def commits(root: Path, base: str, head: str) -> list[Commit]:
    """The commits that ``head`` has and ``base`` has not, newest first.

    Whoever makes a commit writes its author's name as they like.

    Raises:
        RepositoryError: there is no such commit.
    """
    return _log(root, _range(root, base, head))


def trailers(root: Path, base: str, head: str, key: str) -> list[str]:
    """What trailers named ``key`` say in the commits that `commits` gives, newest first.

    Case does not count in a name, and a value that was folded is one line. Whoever makes a
    commit writes its trailers as they like.

    Raises:
        RepositoryError: there is no such commit.
        ValueError: the key cannot name a trailer.
    """
    form = f"--format={_values([key], '%x00')}%x00"
    out = checked(root, ["log", *_PLAIN, form, *_range(root, base, head)])
    values = out.decode("utf-8", "replace").split("\0")
    return [value.strip() for value in values if value.strip()]


def without_trailers(root: Path, base: str, head: str, keys: Sequence[str]) -> list[str]:
    """The ids of those commits that `commits` gives in which no trailer named by one of ``keys``
    says anything, newest first.

    Raises like `trailers`.
    """
    form = f"--format=%H%x00{_values(keys, '%x20')}%x00"
    out = checked(root, ["log", *_PLAIN, form, *_range(root, base, head)])
    fields = out.decode("utf-8", "replace").split("\0")
    records = zip(*[iter(fields[:-1])] * 2, strict=True)
    return [sha.lstrip("\n") for sha, values in records if not values.strip()]


def _values(keys: Sequence[str], separator: str) -> str:
    """The placeholder for the values of a commit's trailers of these names."""
    for key in keys:
        if not _TRAILER.match(key):
            raise ValueError(f"not the name of a trailer: {key!r}")
    named = ",".join(f"key={key}" for key in keys)
    return f"%(trailers:{named},valueonly,unfold,separator={separator})"


# A repository may have set a check of signatures for each `git log`, whose words would be
# among the output.
_PLAIN = ("--encoding=UTF-8", "--no-show-signature")


def _range(root: Path, base: str, head: str) -> list[str]:
    return [resolve(root, head), f"^{resolve(root, base)}", "--"]


def _log(root: Path, arguments: list[str]) -> list[Commit]:
    form = "--format=%H%x00%aI%x00%an%x00%s%x00%P%x00"
    out = checked(root, ["log", *_PLAIN, form, *arguments])
    fields = out.decode("utf-8", "replace").split("\0")
    return [
        Commit(sha.lstrip("\n"), _date(date), author, subject, tuple(parents.split()))
        for sha, date, author, subject, parents in zip(*[iter(fields[:-1])] * 5, strict=True)
    ]


def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # git keeps whatever a commit says: the year 5138, an offset of 25 hours
        return datetime.fromtimestamp(0, UTC)
