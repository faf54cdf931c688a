from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from landrace import git
from landrace.errors import RefusedError

if TYPE_CHECKING:
    from git_repo import GitRepo

FILES = ["a/b/c.json", "a/b/d.md", "e f.json"]


@pytest.fixture
def files(repo: GitRepo) -> GitRepo:
    for path in FILES:
        repo.write(path, "x")
    repo.commit("files")
    return repo


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("*.json ident", ["a/b/c.json", "e f.json"]),
        ("c.json filter=lfs", ["a/b/c.json"]),
        ("a/b/* working-tree-encoding=latin1", ["a/b/c.json", "a/b/d.md"]),
        ("/a/ export-ignore", ["a/b/c.json", "a/b/d.md"]),
        ("b export-ignore", ["a/b/c.json", "a/b/d.md"]),
        ("*.md export-subst", ["a/b/d.md"]),
        ("[attr]mine ident\nd.md mine", ["a/b/d.md"]),
        ("* text eol=crlf -ident -diff linguist-generated", []),
    ],
)
def test_what_attributes_alter(files: GitRepo, attributes: str, expected: list[str]):
    files.write(".gitattributes", attributes + "\n")
    assert git.altered(files.root, "HEAD", FILES) == []
    assert git.altered(files.root, None, FILES) == expected
    files.commit("attributes")
    files.write(".gitattributes", "* ident\n")
    assert git.altered(files.root, "HEAD", FILES) == expected


def test_the_index_stays_as_it_is(files: GitRepo):
    files.write("README.md", "changed\n")
    files.git("add", "README.md")
    git.altered(files.root, "HEAD", FILES)
    assert files.git("diff", "--cached", "--name-only").split() == ["README.md"]


def test_of_no_files_none_is_altered(repo: GitRepo):
    assert git.altered(repo.root, "HEAD", []) == []


def test_a_path_that_leads_out_is_refused(repo: GitRepo):
    with pytest.raises(RefusedError):
        git.altered(repo.root, None, ["../x"])
