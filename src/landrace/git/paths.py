"""Paths inside a repository: which may be asked for, and which may be written."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

REGULAR = "100644"
EXECUTABLE = "100755"

# What file systems leave out of a name when they compare it: HFS+ zero-width characters, NTFS
# dots and spaces at the end and everything after a colon.
_DOT_GIT = re.compile(r"(\.git|git~\d+)[. ]*(:.*)?\Z", re.IGNORECASE)


class Entry(NamedTuple):
    """What a tree has at a path: git's mode as text, and the object's id."""

    mode: str
    oid: str


def inside(path: str) -> str:
    """A path that cannot lead out of the repository, in git's spelling.

    Raises:
        RefusedError: it could.
    """
    pure = PurePosixPath(path)
    bad_part = any(part in {"..", ".git"} for part in pure.parts)
    if pure.is_absolute() or not pure.parts or bad_part or re.search(r"[\x00-\x1f\x7f\\]", path):
        raise RefusedError("not a path inside the repository", where=ascii(path))
    return str(pure)


def check_writable(files: Mapping[str, bytes | None], tree: Mapping[str, Entry]) -> None:
    """Refuse changes of a tree that no file system, or not every one, could check out.

    Args:
        files: what shall be at a path, None for nothing.
        tree: every file, link and submodule of the tree by path.

    Raises:
        RefusedError: a path is unsafe, a link, a submodule or a folder, leads through a file,
            or differs from another in case or Unicode form alone.
    """
    for path in files:
        _check_spelling(path)
        if path in tree and tree[path].mode not in {REGULAR, EXECUTABLE}:
            raise RefusedError("a symbolic link or a submodule stands there", where=ascii(path))
    put = [path for path, data in files.items() if data is not None]
    removed = files.keys() - set(put)
    rest = [path for path in tree if path not in files]
    folders = {folder for path in rest for folder in _folders(path)}
    for path in sorted(removed & folders):
        raise RefusedError("this is a folder, which is not removed whole", where=ascii(path))
    _check_shape(put, {*rest, *put}, folders | {up for path in put for up in _folders(path)})
    _check_collisions(put, [*rest, *put])


def _check_spelling(path: str) -> None:
    """Refuse what is not the one spelling of a path that every file system takes as meant."""
    unseen = any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in path)
    if inside(path) != path or unseen or any(_DOT_GIT.match(part) for part in path.split("/")):
        raise RefusedError("not a plain path inside the repository", where=ascii(path))


def _check_shape(put: Iterable[str], paths: Collection[str], folders: Collection[str]) -> None:
    for path in put:
        if path in folders:
            raise RefusedError("a folder stands where a file belongs", where=ascii(path))
        for folder in _folders(path):
            if folder in paths:
                raise RefusedError(
                    "a file, a link or a submodule stands where a folder belongs",
                    where=ascii(folder),
                )


def _check_collisions(put: Iterable[str], paths: Iterable[str]) -> None:
    """Refuse new paths of which a Mac or Windows would make one with another."""
    spellings: dict[str, set[str]] = {}
    for path in paths:
        for part in (path, *_folders(path)):
            spellings.setdefault(_folded(part), set()).add(part)
    for path in put:
        for part in (path, *_folders(path)):
            others = spellings[_folded(part)] - {part}
            if others:
                raise RefusedError(
                    f"differs only in case or Unicode form from {min(others)!a}",
                    where=ascii(part),
                    fix="use one spelling",
                )


def _folders(path: str) -> Iterator[str]:
    """Every folder above a path, the nearest last."""
    for place, character in enumerate(path):
        if character == "/":
            yield path[:place]


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())
