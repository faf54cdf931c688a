"""Nobody else's files under ``.landrace/``, where runs believe what they find."""

from __future__ import annotations

import pytest

from git_repo import GitRepo
from landrace.errors import RefusedError
from landrace.store.artifacts import refuse_committed, refuse_tracked
from landrace.store.project import find_root


@pytest.fixture
def repo(tmp_path):
    made = GitRepo.make(tmp_path / "repo")
    made.write(".gitignore", ".landrace/\n")
    made.commit()
    return made


def put(repo, path, mode):
    """A file (100644), a link (120000) or a submodule (160000) that git tracks."""
    oid = repo.git("rev-parse", "HEAD" if mode == "160000" else "HEAD:.gitignore")
    repo.git("update-index", "--add", "--cacheinfo", f"{mode},{oid},{path}")


TRACKED = [
    (".landrace/ledger.jsonl", "100644"),
    (".landrace/ledger.jsonl", "120000"),
    (".landrace/fingerprints.json", "100644"),
    (".landrace/results.json", "100644"),
    (".landrace/evals/colours/fake%2Fpupil.partial.jsonl", "120000"),
    (".landrace/training/0123/answer.json", "100644"),
    (".Landrace/ledger.jsonl", "100644"),
    (".LANDRACE", "120000"),
    (".landrace", "120000"),
    (".landrace", "160000"),
]


@pytest.mark.parametrize(("path", "mode"), TRACKED)
def test_what_git_tracks_there_is_refused(repo, path, mode):
    put(repo, path, mode)
    with pytest.raises(RefusedError, match="git tracks") as caught:
        find_root(repo.root)
    assert caught.value.where == path
    assert f"`git rm -r {path.split('/')[0]}`" in caught.value.fix


@pytest.mark.parametrize(("path", "mode"), TRACKED)
def test_a_commit_that_has_something_there_is_refused(repo, path, mode):
    put(repo, path, mode)
    repo.git("commit", "--quiet", "--message", "innocent")
    head = repo.git("rev-parse", "HEAD")
    with pytest.raises(RefusedError, match="git tracks") as caught:
        refuse_committed(repo.root, head, ["README.md", path])
    assert caught.value.where == f"{head[:12]}:{path.split('/')[0]}"


def test_a_commit_that_removes_it_is_not(repo):
    put(repo, ".landrace/ledger.jsonl", "100644")
    repo.git("commit", "--quiet", "--message", "innocent")
    repo.git("rm", "--quiet", "--cached", ".landrace/ledger.jsonl")
    repo.git("commit", "--quiet", "--message", "mend")
    refuse_committed(repo.root, "HEAD", [".landrace/ledger.jsonl"])
    refuse_tracked(repo.root)


def test_what_is_called_alike_is_not(repo):
    for path in (".landracer/x", "docs/.landrace/x", ".landrace.md"):
        put(repo, path, "100644")
    repo.git("commit", "--quiet", "--message", "names")
    refuse_tracked(repo.root)
    refuse_committed(repo.root, "HEAD", [".landracer/x", "docs/.landrace/x", ".landrace.md"])


def test_what_git_does_not_track_is_the_users(repo):
    repo.write(".landrace/ledger.jsonl", "")
    refuse_tracked(repo.root)


def test_before_the_first_commit_as_well(tmp_path):
    repo = GitRepo.make(tmp_path / "new")
    refuse_tracked(repo.root)
    repo.write(".landrace/ledger.jsonl", "")
    repo.git("add", ".landrace")
    with pytest.raises(RefusedError, match="git tracks"):
        refuse_tracked(repo.root)


def test_the_users_own_link_to_a_bigger_disk_is_fine(repo, tmp_path):
    (tmp_path / "disk").mkdir()
    (repo.root / ".landrace").symlink_to(tmp_path / "disk")
    refuse_tracked(repo.root)


def test_a_link_back_into_the_work_tree_is_refused(repo):
    """What it leads to is tracked under another name."""
    repo.write("state/ledger.jsonl", "")
    repo.commit()
    (repo.root / ".landrace").symlink_to("state")
    with pytest.raises(RefusedError, match="inside the work tree") as caught:
        refuse_tracked(repo.root)
    assert caught.value.where == ".landrace"
