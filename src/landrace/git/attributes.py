"""What attributes say that git does with files on their way into a work tree or an archive."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from landrace.git.command import checked, split
from landrace.git.paths import inside
from landrace.git.reading import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# With one of these a checkout or an archive has other bytes than the commit, or none.
# Line ends are none of them: landrace reads all alike.
_ALTERING = ("working-tree-encoding", "filter", "ident", "export-ignore", "export-subst")
_NOT_SET = frozenset({"unspecified", "unset"})


def altered(root: Path, ref: str | None, paths: Sequence[str]) -> list[str]:
    """Those of the files that attributes alter or leave out, themselves or with a folder above.

    The attributes are those of the commit's own `.gitattributes`, or the work tree's for None;
    those of this clone and of its user count as well. Sorted.

    Raises:
        RefusedError: a path leads out of the repository.
        RepositoryError: there is no such commit.
    """
    ways = {path: [*_folders(path), path] for path in map(inside, paths)}
    steps = sorted({step for way in ways.values() for step in way})
    stdin = os.fsencode("".join(f"{step}\0" for step in steps))
    with _source(root, ref) as (options, environment):
        command = ["check-attr", *options, "--stdin", "-z", *_ALTERING]
        fields = split(checked(root, command, stdin=stdin, environment=environment))
    found = {path for path, value in zip(fields[::3], fields[2::3], strict=True) if _is_set(value)}
    return sorted(path for path, way in ways.items() if not found.isdisjoint(way))


def _folders(path: str) -> Iterable[str]:
    """The folders above a path; an end tells git that a pattern for folders fits."""
    parts = path.split("/")
    return ("/".join(parts[:count]) + "/" for count in range(1, len(parts)))


def _is_set(value: str) -> bool:
    return value not in _NOT_SET


@contextmanager
def _source(root: Path, ref: str | None) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Options and variables to read them there: before 2.40 git takes an index, but no commit."""
    if ref is None:
        yield [], {}
        return
    with tempfile.TemporaryDirectory(prefix="landrace-git-") as name:
        environment = {"GIT_INDEX_FILE": str(Path(name).resolve() / "index")}
        checked(root, ["read-tree", resolve(root, ref)], environment=environment)
        yield ["--cached"], environment
