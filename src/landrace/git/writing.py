"""New commits, made of objects alone: no checkout, no hooks, no filters, no branch moved.

Whatever stops it half-way leaves a few objects that nothing names, and git clears those away.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from landrace.errors import ConfigError
from landrace.git.command import checked, line
from landrace.git.paths import REGULAR, Entry, check_writable
from landrace.git.reading import read_entries, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A repository's own settings must not leave anything out of the temporary index, put parts of
# it beside the real one, or say how a message is encoded. The last two make git itself refuse
# other spellings of `.git`.
_SETTINGS = (
    "core.splitIndex=false",
    "i18n.commitEncoding=UTF-8",
    "core.protectHFS=true",
    "core.protectNTFS=true",
)
_UNFIT = re.compile(r"[\x00-\x1f\x7f<>]")


@dataclass(frozen=True)
class Author:
    """Who makes a commit, as author and committer.

    Raises:
        ConfigError: git could not write the name or the address into a commit.
    """

    name: str
    email: str

    def __post_init__(self) -> None:
        for text in (self.name, self.email):
            # git strips these at the ends, and refuses what is left if nothing is.
            if _UNFIT.search(text) or not text.strip(" .,:;\"'\\"):
                raise ConfigError(
                    "not the name and e-mail address of an author",
                    where=ascii(f"{self.name} <{self.email}>"),
                    fix="give both, in one line each and without < and >",
                )


def write_commit(
    root: Path,
    *,
    parent: str,
    files: Mapping[str, bytes | None],
    message: str,
    author: Author,
    date: datetime | None = None,
) -> str | None:
    """Make a commit on top of another, with some files put or removed.

    A fixpoint is a normal outcome, so nothing to change is no error.

    Args:
        root: a folder of the repository.
        parent: the commit to build on.
        files: the new bytes of each path from the top, None for a file that shall be gone. They
            get into the tree as they are, as regular files that cannot be run.
        message: the whole message, trailers included.
        author: the author and the committer.
        date: of both, with a time zone; now for None.

    Returns:
        The full id of the new commit, or None if the parent has all this already.

    Raises:
        RefusedError: a path that `landrace.git.paths.check_writable` refuses.
        RepositoryError: there is no such parent, or git failed.
    """
    base = resolve(root, parent)
    tree = dict(read_entries(checked(root, ["ls-tree", "-r", "-z", "--full-tree", base])))
    check_writable(files, tree)
    with tempfile.TemporaryDirectory(prefix="landrace-git-") as name:
        entries = _entries(root, Path(name), files)
        changes = {path: entry for path, entry in entries.items() if tree.get(path) != entry}
        if not changes:
            return None
        new = _write_tree(root, Path(name) / "index", base, changes)
    who = _identity(author, date or datetime.now(UTC))
    return _commit(root, new, base, message, who)


def _entries(
    root: Path, folder: Path, files: Mapping[str, bytes | None]
) -> dict[str, Entry | None]:
    """The entries that a tree needs for the files, whose blobs are written."""
    contents = {path: data for path, data in files.items() if data is not None}
    oids = _write_blobs(root, folder, list(contents.values()))
    blobs = dict(zip(contents, oids, strict=True))
    return {path: Entry(REGULAR, blobs[path]) if path in blobs else None for path in files}


def _write_blobs(root: Path, folder: Path, contents: Sequence[bytes]) -> list[str]:
    """Write the contents as they are, and give their ids.

    In one process for all of them, which takes names of files: one process each would take
    seconds for a large pull request.
    """
    names = []
    for number, data in enumerate(contents):
        path = folder / str(number)
        path.write_bytes(data)
        names.append(f"{path}\n")
    if not names:
        return []
    arguments = ["hash-object", "-w", "--no-filters", "--stdin-paths"]
    return checked(root, arguments, stdin=os.fsencode("".join(names))).decode().split()


def _write_tree(root: Path, index: Path, base: str, changes: Mapping[str, Entry | None]) -> str:
    """The id of the tree of a commit with some entries changed, out of an index of its own."""
    environment = {"GIT_INDEX_FILE": str(index)}

    def git(*arguments: str, stdin: bytes = b"") -> bytes:
        return checked(root, arguments, stdin=stdin, settings=_SETTINGS, environment=environment)

    nothing = Entry("0", "0" * len(base))
    records = ((path, entry or nothing) for path, entry in changes.items())
    lines = "".join(f"{entry.mode} {entry.oid}\t{path}\0" for path, entry in records)
    git("read-tree", base)
    git("update-index", "-z", "--index-info", stdin=os.fsencode(lines))
    return line(git("write-tree"))


def _commit(root: Path, tree: str, parent: str, message: str, who: Mapping[str, str]) -> str:
    # A lone surrogate may have come out of a JSON file; a message shows it as a question mark.
    text = message.encode("utf-8", "replace")
    arguments = ["commit-tree", tree, "-p", parent]
    return line(checked(root, arguments, stdin=text, settings=_SETTINGS, environment=who))


def _identity(author: Author, date: datetime) -> dict[str, str]:
    when = f"@{int(date.timestamp())} {date:%z}"
    return {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", author.name), ("EMAIL", author.email), ("DATE", when))
    }
