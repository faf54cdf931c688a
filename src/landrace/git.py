"""What landrace asks of git. The only importer of GitPython, and only inside functions: the
import takes 75 ms.

Of GitPython this uses the command runner, never `Repo` and the objects below it. Those pass
revisions on where git reads options, skip git's own check of who owns a folder, know SHA-1
only, and keep child processes. Plain commands with ``-z`` output have one shape to parse and
one place to harden: no hooks, prompts or system and user configuration, only full object ids
after ``rev-parse --end-of-options``, and paths taken literally.
"""

from __future__ import annotations

import os
import re
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from landrace.errors import RefusedError, RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    "safe.bareRepository=explicit",
)
# Without these of the user's own settings git refuses a container's checkout, or takes files
# for changed that are not.
_CARRIED = r"^(safe\.directory|core\.autocrlf|core\.excludesfile)$"

_REVISION = re.compile(r"[^\s\x00-\x20\x7f-][^\s\x00-\x1f\x7f]{0,249}\Z")
_REGULAR = frozenset({"100644", "100755"})


class Commit(NamedTuple):
    """One commit; ``date`` is the author's, with its offset, or 1970 if it is no date."""

    sha: str
    date: datetime
    author: str
    subject: str


class TreeFile(NamedTuple):
    """A regular file of a tree: its path from the top with ``/``, and its object id."""

    path: str
    oid: str


class _Result(NamedTuple):
    status: int
    stdout: bytes
    stderr: str


def toplevel(path: Path) -> Path:
    """The top of the work tree that holds a path.

    Raises:
        RepositoryError: the path is in none, or git is not installed.
    """
    folder = path if path.is_dir() else path.parent
    result = _run(folder, ["rev-parse", "--show-toplevel"])
    if result.status == 0:
        return Path(_line(result))
    if "dubious ownership" in result.stderr:
        raise RepositoryError(
            "git does not trust the repository, because another user owns it",
            where=str(path),
            fix="if you do, run `git config --global --add safe.directory` with its path",
        )
    if "work tree" in result.stderr:
        raise RepositoryError(
            "this is the inside of a git repository, without a work tree",
            where=str(path),
            fix="run it in a checkout",
        )
    raise RepositoryError(
        "not inside a git repository",
        where=str(path),
        fix="run it inside a git repository, or make one with `git init`",
    )


def resolve(root: Path, ref: str) -> str:
    """The full id of the commit that a branch, tag, id or expression such as ``HEAD~1`` names.

    Raises:
        RefusedError: the text cannot be a revision.
        RepositoryError: there is no such commit here.
    """
    if not _REVISION.match(ref):
        raise RefusedError("not a git revision", where=ascii(ref), fix="give a branch, tag or id")
    arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"]
    result = _run(root, arguments)
    if result.status == 0:
        return _line(result)
    if ref == "HEAD":
        raise RepositoryError("there is no commit yet", where=str(root), fix="make a first commit")
    raise RepositoryError(f"there is no commit `{ref}` here", where=str(root), fix=_fetch_fix(root))


def head_commit(root: Path) -> str:
    """The full id of the checked-out commit. Raises like `resolve`."""
    return resolve(root, "HEAD")


def is_shallow(root: Path) -> bool:
    """Whether the clone lacks older commits, as CI checkouts often do."""
    return _checked(root, ["rev-parse", "--is-shallow-repository"]).strip() == b"true"


def is_clean(root: Path, paths: Sequence[str]) -> bool:
    """Whether nothing under the paths differs from HEAD; files git ignores do not count.

    Raises:
        RefusedError: a path leads out of the repository.
    """
    arguments = ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--"]
    return not _checked(root, arguments + [_inside(path) for path in paths])


def history(root: Path, path: str, ref: str = "HEAD") -> list[Commit]:
    """The commits that changed a path, newest first. Renames are not followed.

    Raises:
        RefusedError: the path leads out of the repository.
        RepositoryError: there is no such commit.
    """
    oid = resolve(root, ref)
    form = "--format=%H%x00%aI%x00%an%x00%s%x00"
    out = _checked(root, ["log", "--encoding=UTF-8", form, oid, "--", _inside(path)])
    fields = out.decode("utf-8", "replace").split("\0")
    return [
        Commit(fields[n].lstrip("\n"), _date(fields[n + 1]), *fields[n + 2 : n + 4])
        for n in range(0, len(fields) - 1, 4)
    ]


def list_tree(root: Path, ref: str, prefix: str = "") -> list[TreeFile]:
    """The files of a commit at or under a path, sorted; all of them for an empty prefix.

    Raises:
        RefusedError: one of them is a symbolic link or a submodule.
        RepositoryError: there is no such commit.
    """
    arguments = ["ls-tree", "-r", "-z", "--full-tree", resolve(root, ref)]
    if prefix:
        arguments += ["--", _inside(prefix)]
    return sorted(_tree_files(_checked(root, arguments)))


def read_blob(root: Path, ref: str, path: str) -> bytes | None:
    """The bytes of a file in a commit, or None where the commit has no file there.

    Raises:
        RefusedError: it is a symbolic link or a submodule.
        RepositoryError: there is no such commit.
    """
    files = list_tree(root, ref, path)
    if [file.path for file in files] != [_inside(path)]:
        return None
    return _checked(root, ["cat-file", "blob", files[0].oid])


def read_tree(root: Path, ref: str, prefix: str = "") -> dict[str, bytes]:
    """The bytes of all files that `list_tree` names, by path. Raises like `list_tree`."""
    files = list_tree(root, ref, prefix)
    with tempfile.TemporaryFile() as oids:
        oids.write("".join(f"{file.oid}\n" for file in files).encode())
        oids.seek(0)
        out = _checked(root, ["cat-file", "--batch"], stdin=oids)
    return dict(zip((file.path for file in files), _batch(out), strict=True))


def changed_files(root: Path, base: str, head: str) -> list[str]:
    """The paths that differ between two commits, sorted; a renamed file counts under both names.

    Raises:
        RepositoryError: there is no such commit.
    """
    oids = [resolve(root, base), resolve(root, head)]
    arguments = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", *oids]
    return sorted(_split(_checked(root, arguments)))


def merge_base(root: Path, one: str, other: str) -> str:
    """The id of the commit from which two have parted.

    Raises:
        RepositoryError: there is none, or the clone is too shallow to know it.
    """
    result = _run(root, ["merge-base", resolve(root, one), resolve(root, other)])
    if result.status == 0:
        return _line(result)
    raise RepositoryError(
        f"`{one}` and `{other}` have no common commit here", where=str(root), fix=_fetch_fix(root)
    )


def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # git keeps whatever a commit says: the year 5138, an offset of 25 hours
        return datetime.fromtimestamp(0, UTC)


def _fetch_fix(root: Path) -> str:
    if is_shallow(root):
        return "the clone is shallow: run `git fetch --unshallow`, or check out with fetch-depth: 0"
    return "check the name, or run `git fetch`"


def _inside(path: str) -> str:
    """A path that cannot lead out of the repository, in git's spelling."""
    pure = PurePosixPath(path)
    bad_part = any(part in {"..", ".git"} for part in pure.parts)
    if pure.is_absolute() or not pure.parts or bad_part or re.search(r"[\x00-\x1f\x7f\\]", path):
        raise RefusedError("not a path inside the repository", where=ascii(path))
    return str(pure)


def _tree_files(out: bytes) -> Iterator[TreeFile]:
    for record in _split(out):
        meta, _, path = record.partition("\t")
        mode, _, oid = meta.split(" ")
        if mode not in _REGULAR:
            raise RefusedError(
                "a symbolic link or a submodule stands where a file belongs",
                where=path,
                fix="put the file itself there",
            )
        yield TreeFile(path, oid)


def _batch(out: bytes) -> Iterator[bytes]:
    """The contents in the output of ``cat-file --batch``."""
    start = 0
    while start < len(out):
        end = out.index(b"\n", start)
        size = int(out[start:end].split(b" ")[2])
        yield out[end + 1 : end + 1 + size]
        start = end + size + 2


def _split(out: bytes) -> list[str]:
    return [os.fsdecode(part) for part in out.split(b"\0") if part]


def _line(result: _Result) -> str:
    return os.fsdecode(result.stdout).rstrip("\r\n")


def _checked(root: Path, arguments: list[str], stdin: BinaryIO | None = None) -> bytes:
    result = _run(root, arguments, stdin)
    if result.status != 0:
        last = result.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise RepositoryError(f"git {arguments[0]} failed: {last[0]}", where=str(root))
    return result.stdout


def _run(root: Path, arguments: list[str], stdin: BinaryIO | None = None) -> _Result:
    settings = [*_SETTINGS, *_user_settings()]
    options = [part for setting in settings for part in ("-c", setting)]
    # Not as the runner's working directory, which it leaves out where it cannot enter it.
    return _execute(["-C", str(root), *options, *arguments], _ENVIRONMENT, stdin)


@cache
def _user_settings() -> tuple[str, ...]:
    """The user's own settings that are carried over, as ``key=value``."""
    arguments = ["config", "--null", "--get-regexp", _CARRIED]
    result = _execute(arguments, {"GIT_DIR": os.devnull})
    return tuple(record.replace("\n", "=", 1) for record in _split(result.stdout))


def _execute(
    arguments: Iterable[str], environment: dict[str, str], stdin: BinaryIO | None = None
) -> _Result:
    try:
        import git  # noqa: PLC0415 - 75 ms that most commands need not pay
    except ModuleNotFoundError:
        raise
    except ImportError as error:  # so says GitPython where there is no git
        raise _no_git() from error
    runner: Any = git.Git()  # its overloads do not know this mix of options
    try:
        status, stdout, stderr = runner.execute(
            [runner.GIT_PYTHON_GIT_EXECUTABLE, *arguments],
            istream=stdin,
            env=environment,
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
        )
    except git.GitCommandNotFound as error:
        raise _no_git() from error
    return _Result(status, stdout, stderr)


def _no_git() -> RepositoryError:
    return RepositoryError("git was not found", fix="install git, and have it on the PATH")
