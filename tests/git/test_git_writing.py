"""New commits out of objects alone."""

from __future__ import annotations

import os
import subprocess
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_repo import GitRepo
from landrace import git
from landrace.errors import ConfigError, RefusedError, RepositoryError
from landrace.git import command

BOT = git.Author("Landrace Bot", "bot@example.org")
WHEN = datetime(2026, 3, 1, 12, 30, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))


def write(repo: GitRepo, files: dict[str, bytes | None], parent: str = "HEAD") -> str | None:
    return git.write_commit(
        repo.root, parent=parent, files=files, message="bot", author=BOT, date=WHEN
    )


def test_a_commit_has_the_files_the_parent_and_the_author(repo: GitRepo) -> None:
    head = repo.git("rev-parse", "HEAD")

    made = git.write_commit(
        repo.root,
        parent="main",
        files={"registry/a/pin.json": b"{}\n", "ä b": b"\x00\xff\r\n", "README.md": None},
        message="Pin a\n\nIt won.\n\nLandrace-Run: 7",
        author=BOT,
        date=WHEN,
    )

    assert made is not None
    assert git.read_tree(repo.root, made) == {
        "registry/a/pin.json": b"{}\n",
        "ä b": b"\x00\xff\r\n",
    }
    form = "%P|%an|%ae|%aI|%cn|%ce|%cI|%B"
    shown = repo.git("show", "--no-patch", f"--format={form}", made).split("|")
    when = "2026-03-01T12:30:00-03:30"
    who = ["Landrace Bot", "bot@example.org", when]
    assert shown == [head, *who, *who, "Pin a\n\nIt won.\n\nLandrace-Run: 7"]
    modes = {line.split()[0] for line in repo.git("ls-tree", "-r", made).splitlines()}
    assert modes == {"100644"}


def test_nothing_but_objects_is_written(repo: GitRepo) -> None:
    repo.git("config", "core.splitIndex", "true")

    def state() -> tuple[object, ...]:
        inside = sorted(
            (str(path), path.read_bytes())
            for path in (repo.root / ".git").rglob("*")
            if path.is_file() and "objects" not in path.parts
        )
        return inside, repo.tree()

    before = state()
    assert write(repo, {"a": b"1", "README.md": b"2"})
    assert state() == before


def test_a_sparse_checkout_leaves_nothing_out_of_a_commit(repo: GitRepo) -> None:
    for path in ("prompts/a/x", "registry/a/x", "registry/b/x"):
        repo.write(path, "x")
    repo.commit()
    repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "prompts")

    made = write(repo, {"registry/a/x": b"y", "registry/c/x": b"z", "top": b"t"})

    assert made is not None
    assert git.read_tree(repo.root, made) == {
        "README.md": b"hello\n",
        "prompts/a/x": b"x",
        "registry/a/x": b"y",
        "registry/b/x": b"x",
        "registry/c/x": b"z",
        "top": b"t",
    }


def test_what_the_parent_has_already_makes_no_commit(repo: GitRepo) -> None:
    assert write(repo, {"README.md": b"hello\n", "none": None, "none/below": None}) is None
    assert write(repo, {}) is None


def test_a_file_that_could_be_run_no_longer_can(repo: GitRepo) -> None:
    (repo.root / "README.md").chmod(0o755)
    repo.commit("run it")

    made = write(repo, {"README.md": b"hello\n"})

    assert made is not None
    assert repo.git("ls-tree", made).startswith("100644")


def test_no_filter_hook_or_attribute_touches_the_bytes(repo: GitRepo, tmp_path: Path) -> None:
    pwned = tmp_path / "pwned"
    for hook in ("post-index-change", "pre-commit", "reference-transaction", "post-commit"):
        path = repo.write(f".git/hooks/{hook}", f"#!/bin/sh\ntouch {pwned}\n")
        path.chmod(0o755)
    repo.git("config", "filter.evil.clean", f"touch {pwned}; cat")
    repo.git("config", "core.autocrlf", "true")
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")

    made = write(repo, {".gitattributes": b"* filter=evil text eol=lf ident\n", "a": b"$Id$\r\n"})

    assert made is not None
    assert git.read_blob(repo.root, made, "a") == b"$Id$\r\n"
    assert b"encoding" not in repo.git("cat-file", "commit", made).encode()
    assert not pwned.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "a/../b",
        "./a",
        "a//b",
        "a/",
        "",
        ".",
        ".git/config",
        "a/.GIT/hooks/x",
        "a/.git. ./x",
        "git~1/config",
        ".git:$DATA",
        ".g\u200cit/config",
        "a\\b",
        "a\nb",
        "a\0b",
        "a\x7fb",
        "a\x85b",
        "a\u202eb",
        "a\udcffb",
    ],
)
def test_a_path_that_is_not_plain_is_refused(repo: GitRepo, path: str) -> None:
    for data in (b"x", None):
        with pytest.raises(RefusedError, match="path inside"):
            write(repo, {path: data})


@pytest.mark.parametrize("path", ["link", "link/x", "sub", "sub/x"])
def test_a_link_or_a_submodule_is_neither_replaced_nor_gone_through(
    repo: GitRepo, path: str
) -> None:
    (repo.root / "link").symlink_to("/etc")
    repo.git("add", "link")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repo.git("commit", "-q", "-m", "odd")

    with pytest.raises(RefusedError) as caught:
        write(repo, {path: b"x"})
    assert caught.value.where == ascii(path.partition("/")[0])
    if "/" not in path:
        with pytest.raises(RefusedError, match="symbolic link or a submodule"):
            write(repo, {path: None})


def test_a_file_takes_no_folders_place_nor_the_other_way_round(repo: GitRepo) -> None:
    repo.write("dir/a", "x")
    repo.commit()

    with pytest.raises(RefusedError, match="folder stands where a file"):
        write(repo, {"dir": b"x"})
    with pytest.raises(RefusedError, match="removed whole"):
        write(repo, {"dir": None})
    with pytest.raises(RefusedError, match="where a folder belongs"):
        write(repo, {"README.md/x": b"x"})
    with pytest.raises(RefusedError):
        write(repo, {"new": b"x", "new/x": b"x"})
    made = write(repo, {"dir/a": None, "dir": b"x", "README.md": None, "README.md/x": b"y"})
    assert made is not None
    assert git.read_tree(repo.root, made) == {"dir": b"x", "README.md/x": b"y"}


@pytest.mark.parametrize(
    ("there", "new"),
    [
        ("registry/a/x", "registry/A/y"),
        ("Read", "read"),
        ("caf\u00e9", "cafe\u0301"),
        ("stra\u00dfe/a", "STRASSE/b"),
        ("\u212bngstr\u00f6m", "\u00e5ngstr\u00f6m"),
    ],
)
def test_paths_that_a_mac_takes_for_one_are_refused(repo: GitRepo, there: str, new: str) -> None:
    repo.write(there, "x")
    repo.commit()

    with pytest.raises(RefusedError, match="case or Unicode form"):
        write(repo, {new: b"x"})
    assert write(repo, {there: None, new: b"x"})  # a rename
    with pytest.raises(RefusedError, match="case or Unicode form"):
        write(repo, {there: None, "Q/x": b"x", "q/x": b"x"})


def test_a_collision_that_was_there_before_is_not_this_commits_business(repo: GitRepo) -> None:
    repo.write("a", "x")
    repo.write("A", "x")
    repo.commit()

    assert write(repo, {"b": b"x"})


@pytest.mark.parametrize(
    ("name", "email"),
    [("", "a@b"), ("A\nB", "a@b"), ("A <x>", "a@b"), ("A", ""), ("A", "a@b\0"), (" . ", "a@b")],
)
def test_an_author_that_git_cannot_write_is_an_error(name: str, email: str) -> None:
    with pytest.raises(ConfigError, match="author"):
        git.Author(name, email)


def test_an_unknown_parent_is_an_error(repo: GitRepo) -> None:
    with pytest.raises(RepositoryError, match="there is no commit"):
        write(repo, {"a": b"x"}, parent="0" * 40)


def test_a_message_that_git_does_not_take_is_an_error(repo: GitRepo) -> None:
    with pytest.raises(RepositoryError, match="NUL"):
        git.write_commit(repo.root, parent="HEAD", files={"a": b""}, message="a\0b", author=BOT)


def test_a_message_with_half_a_character_is_written(repo: GitRepo) -> None:
    made = git.write_commit(
        repo.root, parent="HEAD", files={"a": b""}, message="zwölf \ud800", author=BOT
    )
    assert made is not None
    assert repo.git("show", "--no-patch", "--format=%s", made) == "zwölf ?"


def test_a_repository_of_sha256_is_written_to(tmp_path: Path) -> None:
    root = tmp_path / "sha256"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(root)], check=True)
    repo = GitRepo(root)
    repo.write("a", "x")
    repo.commit()

    made = write(repo, {"b": b"y", "a": None})

    assert made is not None
    assert len(made) == 64
    assert git.read_tree(root, made) == {"b": b"y"}


def test_many_files_cost_as_many_processes_as_one(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    command.user_settings()
    calls: list[object] = []
    execute = command._execute

    def counted(arguments: object, *rest: object) -> command.Result:
        calls.append(arguments)
        return execute(arguments, *rest)

    monkeypatch.setattr(command, "_execute", counted)
    write(repo, {"a": b"x"})
    few = len(calls)
    files = {f"registry/p{n // 5}/m/{n % 5}": os.urandom(2000) for n in range(1000)}
    made = write(repo, files)

    assert len(calls) - few == few <= 8
    assert made is not None
    assert git.read_tree(repo.root, made, "registry") == files


PARTS = st.sampled_from(["a", "A", "b", "\u00e9", "e\u0301", "c.txt", "\u00df", "ss"])
PATHS = st.lists(PARTS, min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(PATHS, st.binary(max_size=3), max_size=5)
CHANGES = st.dictionaries(PATHS, st.none() | st.binary(max_size=3), max_size=4)


def _same_on_a_mac(one: str, other: str) -> bool:
    folded = (unicodedata.normalize("NFKD", text).casefold() for text in (one, other))
    return next(folded) == next(folded)


def _fits(paths: set[str], new: set[str]) -> bool:
    """By every pair: no file above a file, no two spellings of one name in one folder."""
    for path in new:
        for other in paths - {path}:
            mine, theirs = path.split("/"), other.split("/")
            if mine == theirs[: len(mine)] or theirs == mine[: len(theirs)]:
                return False
            for one, two in zip(mine, theirs, strict=False):
                if one != two and _same_on_a_mac(one, two):
                    return False
                if one != two:
                    break
    return True


@settings(max_examples=60)
@given(before=TREES, changes=CHANGES)
def test_any_tree_with_any_changes_is_as_a_dict_would_be_or_refused(
    before: dict[str, bytes], changes: dict[str, bytes | None]
) -> None:
    with TemporaryDirectory() as folder:
        repo = GitRepo.make(Path(folder) / "repo")
        repo.git("commit", "-q", "--allow-empty", "-m", "empty")
        head = repo.git("rev-parse", "HEAD")
        after = {path: data for path, data in (before | changes).items() if data is not None}
        if not _fits(set(before), set(before)):
            with pytest.raises(RefusedError):
                write(repo, dict(before), parent=head)
            return
        parent = write(repo, dict(before), parent=head) or head
        removed = {path for path, data in changes.items() if data is None}
        rest = before.keys() - changes.keys()
        whole = any(path.startswith(f"{folder}/") for path in rest for folder in removed)
        if whole or not _fits(set(after), set(changes) - removed):
            with pytest.raises(RefusedError):
                write(repo, changes, parent=parent)
        else:
            made = write(repo, changes, parent=parent)
            assert (made is None) == (after == before)
            assert git.read_tree(repo.root, made or parent) == after
