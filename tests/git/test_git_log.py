"""Commits of a range, and the trailers of their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from landrace import git
from landrace.errors import RefusedError, RepositoryError

if TYPE_CHECKING:
    from git_repo import GitRepo

BOT = git.Author("Landrace Bot", "bot@example.org")


def bot_commit(repo: GitRepo, name: str, message: str) -> str:
    made = git.write_commit(
        repo.root, parent="HEAD", files={name: b"x"}, message=message, author=BOT
    )
    assert made is not None
    git.fast_forward(repo.root, made)
    return made


def test_the_commits_of_a_range_have_their_authors_newest_first(repo: GitRepo) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.write("a", "1")
    human = repo.commit("by hand")
    bot = bot_commit(repo, "b", "Pin")

    found = git.commits(repo.root, base, "HEAD")

    assert [(commit.sha, commit.author) for commit in found] == [
        (bot, "Landrace Bot"),
        (human, "Ada Example"),
    ]
    assert git.commits(repo.root, "HEAD", base) == []


def test_commits_of_base_that_were_merged_into_head_do_not_count(repo: GitRepo) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    bot = bot_commit(repo, "b", "Pin\n\nLandrace-Run: 1")
    repo.git("checkout", "-q", "main")
    repo.write("a", "1")
    repo.commit("on main\n\nLandrace-Run: 9")
    repo.git("checkout", "-q", "topic")
    repo.git("merge", "-q", "--no-edit", "main")

    found = git.commits(repo.root, "main", "topic")

    assert [commit.sha for commit in found if commit.author == "Landrace Bot"] == [bot]
    assert git.trailers(repo.root, "main", "topic", "Landrace-Run") == ["1"]


def test_trailers_are_read_newest_first_whatever_their_case(repo: GitRepo) -> None:
    base = repo.git("rev-parse", "HEAD")
    bot_commit(repo, "a", "one\n\nLandrace-Run: 1\nOther: x\nlandrace-run:   2 \n")
    bot_commit(repo, "b", "two\n\nLandrace-Run: a\n b\n\n")
    bot_commit(repo, "c", "three\n\nLandrace-Run: no trailer, because\n\nof a last paragraph")
    bot_commit(repo, "d", "Landrace-Run: no trailer either")
    bot_commit(repo, "e", "five\n\nLandrace-Run:\nLandrace-Runs: 8")

    assert git.trailers(repo.root, base, "HEAD", "Landrace-Run") == ["a b", "1", "2"]


def test_commits_without_any_of_some_trailers_are_found(repo: GitRepo) -> None:
    base = repo.git("rev-parse", "HEAD")
    bot_commit(repo, "a", "one\n\nLandrace-Run: 1\nLandrace-Models: 2")
    bot_commit(repo, "b", "two\n\nlandrace-models: a\n b")
    silent = bot_commit(repo, "c", "three\n\nLandrace-Run:\nOther: 1")
    plain = bot_commit(repo, "d", "Landrace-Run: no trailer")
    both = ["Landrace-Run", "Landrace-Models"]

    assert git.without_trailers(repo.root, base, "HEAD", both) == [plain, silent]
    assert git.without_trailers(repo.root, "HEAD", base, both) == []


def test_a_repository_that_shows_signatures_in_its_log_is_read_all_the_same(
    repo: GitRepo,
) -> None:
    base = repo.git("rev-parse", "HEAD")
    sha = bot_commit(repo, "a", "one\n\nLandrace-Run: 1")
    tree = repo.git("rev-parse", f"{sha}^{{tree}}")
    body = (
        f"tree {tree}\nparent {sha}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nsigned\n"
    )
    repo.write("signed", body)
    signed = repo.git("hash-object", "-t", "commit", "-w", "signed")
    repo.git("config", "log.showSignature", "true")

    assert git.trailers(repo.root, base, signed, "Landrace-Run") == ["1"]
    assert [commit.sha for commit in git.commits(repo.root, base, signed)] == [signed, sha]
    assert git.history(repo.root, "a", signed)[0].sha == sha


@pytest.mark.parametrize("key", ["", "-x", "a b", "a,b", "a:b", "a)%x00", "ä", "a\n"])
def test_what_cannot_name_a_trailer_is_a_mistake_of_the_caller(repo: GitRepo, key: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        git.trailers(repo.root, "HEAD", "HEAD", key)
    with pytest.raises(ValueError, match="not the name"):
        git.without_trailers(repo.root, "HEAD", "HEAD", ["Landrace-Run", key])


def test_unknown_ends_of_a_range_are_errors(repo: GitRepo) -> None:
    with pytest.raises(RepositoryError):
        git.commits(repo.root, "none", "HEAD")
    with pytest.raises(RefusedError):
        git.trailers(repo.root, "HEAD", "--all", "Landrace-Run")


def test_the_parents_in_a_history_are_what_changed_the_path_before(repo: GitRepo) -> None:
    repo.write("a/x", "1")
    first = repo.commit("first")
    repo.write("b", "1")
    repo.commit("elsewhere")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.write("a/y", "1")
    side = repo.commit("side")
    repo.git("checkout", "--quiet", "-")
    repo.write("a/z", "1")
    mine = repo.commit("mine")
    repo.git("merge", "--quiet", "-m", "merge", "side")
    merge = repo.git("rev-parse", "HEAD")

    found = {commit.sha: commit.parents for commit in git.history(repo.root, "a")}
    assert found == {merge: (mine, side), mine: (first,), side: (first,), first: ()}
    assert git.commits(repo.root, first, "HEAD")[0].parents == (mine, side)
