"""Moving what is checked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from landrace import git
from landrace.errors import EvidenceError, RefusedError, RepositoryError

if TYPE_CHECKING:
    from git_repo import GitRepo

BOT = git.Author("Landrace Bot", "bot@example.org")


def written(repo: GitRepo, **files: bytes) -> str:
    made = git.write_commit(repo.root, parent="HEAD", files=files, message="bot", author=BOT)
    assert made is not None
    return made


def test_the_branch_and_the_work_tree_follow_and_other_edits_stay(repo: GitRepo) -> None:
    repo.write("README.md", "edited\n")
    repo.write("unknown", "mine")
    made = written(repo, new=b"x")

    git.fast_forward(repo.root, made)

    assert repo.git("rev-parse", "main") == repo.git("rev-parse", "HEAD") == made
    assert repo.tree() == {"README.md": b"edited\n", "unknown": b"mine", "new": b"x"}


@pytest.mark.parametrize("place", ["README.md", "new"])
def test_edited_and_unknown_files_in_the_way_keep_everything_as_it_was(
    repo: GitRepo, place: str
) -> None:
    head = repo.git("rev-parse", "HEAD")
    repo.write(place, "mine")
    before = repo.tree()
    made = written(repo, **{"README.md": b"x", "new": b"x"})

    with pytest.raises(RefusedError, match="work tree"):
        git.fast_forward(repo.root, made)

    assert repo.git("rev-parse", "HEAD") == head
    assert repo.tree() == before


def test_a_head_that_moved_meanwhile_is_not_lost(repo: GitRepo) -> None:
    made = written(repo, new=b"x")
    repo.write("other", "x")
    head = repo.commit("by hand")

    with pytest.raises(EvidenceError, match="moved"):
        git.fast_forward(repo.root, made)
    assert repo.git("rev-parse", "HEAD") == head


def test_hooks_do_not_run(repo: GitRepo) -> None:
    for name in ("post-merge", "pre-merge-commit", "reference-transaction"):
        repo.write(f".git/hooks/{name}", "#!/bin/sh\ntouch pwned\n").chmod(0o755)

    git.fast_forward(repo.root, written(repo, new=b"x"))
    assert "pwned" not in repo.tree()


def test_an_unknown_commit_is_an_error(repo: GitRepo) -> None:
    with pytest.raises(RepositoryError):
        git.fast_forward(repo.root, "0" * 40)
