"""What a repository is and has: revisions, trees, files, changes.

Everything is read out of git's objects by full ids, which come from
``rev-parse --end-of-options``; paths are taken literally.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from landrace.errors import RefusedError, RepositoryError
from landrace.git.command import checked, line, run, split
from landrace.git.paths import EXECUTABLE, REGULAR, Entry, inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FOLDER = "040000"
# Characters of paths on one command line, of which Windows takes 32,767 and macOS a million.
_MOST_NAMED = 20_000 if sys.platform == "win32" else 200_000
# What git takes for a commit itself, whatever tags there are.
_IS_NO_TAG = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64}|HEAD)(?:[~^].*|@\{.*)?\Z")
# What follows a name and leads from its commit to another: `~2`, `^`, `@{yesterday}`.
_STEPS = re.compile(r"(?:[~^]|@\{).*\Z")
_SHORT_ID = re.compile(r"[0-9a-fA-F]{4,}\Z")
_BRANCHES = ("refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD", "refs/remotes/origin/{}")
_REVISION = re.compile(r"[^\s\x00-\x20\x7f-][^\s\x00-\x1f\x7f]{0,249}\Z")


class TreeFile(NamedTuple):
    """A regular file of a tree: its path from the top with ``/``, and its object id."""

    path: str
    oid: str


def toplevel(path: Path) -> Path:
    """The top of the work tree that holds a path.

    Raises:
        RepositoryError: the path is in none, or git is not installed.
    """
    folder = path if path.is_dir() else path.parent
    result = run(folder, ["rev-parse", "--show-toplevel"])
    if result.status == 0:
        return Path(line(result.stdout))
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
        RefusedError: the text cannot be a revision, or it names a tag and something else, too.
        RepositoryError: there is no such commit here.
    """
    if not _REVISION.match(ref):
        raise RefusedError("not a git revision", where=ascii(ref), fix="give a branch, tag or id")
    found = _commit(root, ref)
    if found is not None:
        _refuse_tag_for_another(root, ref, found)
        return found
    if ref == "HEAD":
        raise RepositoryError("there is no commit yet", where=str(root), fix="make a first commit")
    # A CI checkout has the branches of its remote alone.
    fix = f"say `origin/{ref}`" if _commit(root, f"origin/{ref}") else _fetch_fix(root)
    raise RepositoryError(f"there is no commit `{ref}` here", where=str(root), fix=fix)


def head_commit(root: Path) -> str:
    """The full id of the checked-out commit. Raises like `resolve`."""
    return resolve(root, "HEAD")


def is_shallow(root: Path) -> bool:
    """Whether the clone lacks older commits, as CI checkouts often do."""
    return checked(root, ["rev-parse", "--is-shallow-repository"]).strip() == b"true"


def is_clean(root: Path, paths: Sequence[str]) -> bool:
    """Whether nothing under the paths differs from HEAD; files git ignores do not count.

    Raises:
        RefusedError: a path leads out of the repository.
    """
    arguments = ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--"]
    return not checked(root, arguments + [inside(path) for path in paths])


def list_tree(root: Path, ref: str, prefix: str = "") -> list[TreeFile]:
    """The files of a commit at or under a path, sorted; all of them for an empty prefix.

    Raises:
        RefusedError: one of them is a symbolic link or a submodule.
        RepositoryError: there is no such commit.
    """
    arguments = ["ls-tree", "-r", "-z", "--full-tree", resolve(root, ref)]
    if prefix:
        arguments += ["--", inside(prefix)]
    return sorted(_tree_files(checked(root, arguments)))


def list_folders(root: Path, ref: str, path: str) -> list[str]:
    """The names of the folders that lie directly in a folder of a commit, sorted.

    Raises:
        RepositoryError: there is no such commit.
    """
    arguments = ["ls-tree", "-d", "-z", "--name-only", "--full-tree", resolve(root, ref), "--"]
    found = split(checked(root, [*arguments, f"{inside(path)}/"]))
    return sorted(PurePosixPath(name).name for name in found)


def list_top(root: Path, ref: str) -> list[str]:
    """The names of all that lies at the top of a commit, of links and submodules too.

    Raises:
        RepositoryError: there is no such commit.
    """
    return split(checked(root, ["ls-tree", "-z", "--name-only", "--full-tree", resolve(root, ref)]))


def tracked_files(root: Path, path: str) -> list[str]:
    """What the index has at or under a path in any mix of upper and lower case, sorted.

    Raises:
        RefusedError: the path leads out of the repository.
    """
    arguments = ["ls-files", "-z", "--full-name", "--", inside(path)]
    any_case = {"GIT_LITERAL_PATHSPECS": "0", "GIT_ICASE_PATHSPECS": "1"}
    return sorted(split(checked(root, arguments, environment=any_case)))


def read_blob(root: Path, ref: str, path: str) -> bytes | None:
    """The bytes of a file in a commit, or None where the commit has no file there.

    Raises:
        RefusedError: it is a symbolic link or a submodule.
        RepositoryError: there is no such commit.
    """
    files = list_tree(root, ref, path)
    if [file.path for file in files] != [inside(path)]:
        return None
    return checked(root, ["cat-file", "blob", files[0].oid])


def read_tree(root: Path, ref: str, prefix: str = "") -> dict[str, bytes]:
    """The bytes of all files that `list_tree` names, by path. Raises like `list_tree`."""
    return _contents(root, list_tree(root, ref, prefix))


def read_trees(root: Path, ref: str, prefixes: Sequence[str]) -> dict[str, bytes]:
    """`read_tree` of several paths in two calls of git; nothing for no paths."""
    return _contents(root, sorted(_files(_under(root, ref, prefixes)))) if prefixes else {}


def read_files(root: Path, ref: str, paths: Sequence[str]) -> dict[str, bytes]:
    """The bytes of exactly these files of a commit; what is none, as a folder, is left out.

    Raises:
        RefusedError: one of them is a symbolic link or a submodule.
        RepositoryError: there is no such commit.
    """
    return _contents(root, sorted(_files(_exactly(root, ref, paths)))) if paths else {}


def present(root: Path, ref: str, paths: Sequence[str]) -> list[str]:
    """Those of the paths at which a commit has a file, sorted; none of them is read.

    Raises:
        RefusedError: one of them is a symbolic link or a submodule.
        RepositoryError: there is no such commit.
    """
    return sorted(file.path for file in _files(_exactly(root, ref, paths))) if paths else []


def require_folders(root: Path, ref: str, paths: Sequence[str]) -> None:
    """Check that each path is a folder of a commit, or is not there.

    Raises:
        RefusedError: something else stands there, such as a symbolic link.
        RepositoryError: there is no such commit.
    """
    wanted = {inside(path) for path in paths}
    arguments = ["ls-tree", "-z", "--full-tree", resolve(root, ref), "--", *sorted(wanted)]
    for path, entry in read_entries(checked(root, arguments)):
        if path in wanted and entry.mode != _FOLDER:
            raise RefusedError(
                "no folder, but a file, a symbolic link or a submodule",
                where=path,
                fix="put the folder itself there",
            )


def _exactly(root: Path, ref: str, paths: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    """These paths themselves, those that are there; git also lists what is within them."""
    wanted = {inside(path) for path in paths}
    return (one for one in _under(root, ref, paths) if one[0] in wanted)


def _under(root: Path, ref: str, paths: Sequence[str]) -> Iterator[tuple[str, Entry]]:
    """All that is no folder at or under the paths, each once."""
    wanted = {inside(path) for path in paths}
    arguments = ["ls-tree", "-r", "-z", "--full-tree", resolve(root, ref)]
    if sum(map(len, wanted)) <= _MOST_NAMED:
        return read_entries(checked(root, [*arguments, "--", *sorted(wanted)]))
    everything = read_entries(checked(root, arguments))
    return (one for one in everything if not wanted.isdisjoint(_steps(one[0])))


def _steps(path: str) -> Iterator[str]:
    """A path and every folder above it."""
    yield path
    while (place := path.rfind("/")) > 0:
        path = path[:place]
        yield path


def _contents(root: Path, files: Sequence[TreeFile]) -> dict[str, bytes]:
    oids = "".join(f"{file.oid}\n" for file in files).encode()
    out = checked(root, ["cat-file", "--batch"], stdin=oids)
    found = dict(zip((file.path for file in files), _batch(out), strict=True))
    if len(found) < len(files):  # git writes no such tree, but reads it
        raise RefusedError("a commit has two files in one place", where=str(root))
    return found


def changed_files(root: Path, base: str, head: str) -> list[str]:
    """The paths that differ between two commits, sorted; a renamed file counts under both names.

    Raises:
        RepositoryError: there is no such commit.
    """
    oids = [resolve(root, base), resolve(root, head)]
    arguments = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", *oids]
    return sorted(split(checked(root, arguments)))


def changed_in_work_tree(root: Path, base: str) -> list[str]:
    """The paths that differ between a commit and the work tree, sorted, with files that git
    does not know yet unless it ignores them.

    Raises:
        RepositoryError: there is no such commit.
    """
    options = ["--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"]
    changed = split(checked(root, ["diff", *options, resolve(root, base), "--"]))
    new = split(checked(root, ["ls-files", "-z", "--others", "--exclude-standard"]))
    return sorted({*changed, *new})


def merge_base(root: Path, one: str, other: str) -> str:
    """The id of the commit from which ``other`` has parted from ``one``.

    After merges crosswise several could be it. None of them is taken then, but ``one`` itself:
    who chooses what ``other`` merges must not choose what counts as its change.

    Raises:
        RepositoryError: there is none, or the clone is too shallow to know it.
    """
    first = resolve(root, one)
    result = run(root, ["merge-base", "--all", first, resolve(root, other)])
    if result.status == 0:
        found = line(result.stdout).split()
        return found[0] if len(found) == 1 else first
    raise RepositoryError(
        f"`{one}` and `{other}` have no common commit here", where=str(root), fix=_fetch_fix(root)
    )


def _commit(root: Path, revision: str) -> str | None:
    """The full id of the commit that git takes a revision for."""
    command = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    result = run(root, command)
    return line(result.stdout) if result.status == 0 else None


def _refuse_tag_for_another(root: Path, ref: str, found: str) -> None:
    """Refuse a tag that has the name of a branch, or of a commit, that is not where it is.

    Git takes the tag, and warns at most. Whoever may push can make one, and clones bring it along.
    """
    if _IS_NO_TAG.match(ref) or _commit(root, f"refs/tags/{ref}") != found:
        return
    stem = _STEPS.sub("", ref)
    names = [form.format(stem) for form in _BRANCHES]
    if _SHORT_ID.match(stem):
        names += line(checked(root, ["rev-parse", f"--disambiguate={stem}"])).splitlines()
    for name in (f"{name}{ref[len(stem) :]}" for name in names):
        if _commit(root, name) not in {None, found}:
            raise RefusedError(
                f"`{ref}` is a tag here, and `{name}` is another commit",
                where=str(root),
                fix=f"say `{name}` or `refs/tags/{ref}`, whichever you mean",
            )


def _fetch_fix(root: Path) -> str:
    if is_shallow(root):
        return "the clone is shallow: run `git fetch --unshallow`, or check out with fetch-depth: 0"
    return "check the name, or run `git fetch`"


def read_entries(out: bytes) -> Iterator[tuple[str, Entry]]:
    """The paths and entries in the output of ``ls-tree -z``."""
    for record in split(out):
        meta, _, path = record.partition("\t")
        mode, _, oid = meta.split(" ")
        yield path, Entry(mode, oid)


def _tree_files(out: bytes) -> Iterator[TreeFile]:
    return _files(read_entries(out))


def _files(entries: Iterable[tuple[str, Entry]]) -> Iterator[TreeFile]:
    for path, entry in entries:
        if entry.mode not in {REGULAR, EXECUTABLE}:
            raise RefusedError(
                "a symbolic link or a submodule stands where a file belongs",
                where=path,
                fix="put the file itself there",
            )
        yield TreeFile(path, entry.oid)


def _batch(out: bytes) -> Iterator[bytes]:
    """The contents in the output of ``cat-file --batch``."""
    start = 0
    while start < len(out):
        end = out.index(b"\n", start)
        oid, _, kind = out[start:end].partition(b" ")
        if kind == b"missing":
            raise RepositoryError(
                f"the object {oid.decode()} is missing", fix="clone the repository anew"
            )
        size = int(kind.split(b" ")[1])
        yield out[end + 1 : end + 1 + size]
        start = end + size + 2
