"""What changed between commits and in the work tree, and trees as they are, odd names and all."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from landrace import git
from landrace.errors import RefusedError, RepositoryError
from landrace.git import reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from git_repo import GitRepo

ODD = [
    "a b",
    "tab\tand\nnewline",
    'quo"te',
    "back\\slash",
    "ü-composed",
    "u\u0308-decomposed",
    "-option",
    ":(glob)*",
    "*",
    "🙂",
    os.fsdecode(b"not-utf8-\xff\xfe"),
]


def link(repo: GitRepo, path: str, mode: str) -> None:
    """Put a link (120000) or a submodule (160000) into the index."""
    oid = repo.git("rev-parse", "HEAD" if mode == "160000" else "HEAD:README.md")
    repo.git("update-index", "--add", "--cacheinfo", f"{mode},{oid},{path}")


def commit_all_kinds(repo: GitRepo, *, file: str, link_at: str) -> None:
    repo.write(file, "x")
    repo.git("add", "--all")
    link(repo, link_at, "120000")
    link(repo, "submodule", "160000")
    repo.git("commit", "--quiet", "--message", "all kinds")


class TestBetweenCommits:
    @pytest.mark.parametrize("name", ODD)
    def test_odd_names_come_back_as_they_are(self, repo: GitRepo, name: str) -> None:
        base = repo.git("rev-parse", "HEAD")
        repo.write(f"d/{name}", "x")
        head = repo.commit()
        assert git.changed_files(repo.root, base, head) == [f"d/{name}"]

    def test_a_rename_is_two_paths_however_alike_the_files(self, repo: GitRepo) -> None:
        base = repo.git("rev-parse", "HEAD")
        repo.git("config", "diff.renames", "copies")
        repo.git("mv", "README.md", "docs.md")
        assert git.changed_files(repo.root, base, repo.commit()) == ["README.md", "docs.md"]

    def test_deleted_modes_and_kinds_count(self, repo: GitRepo) -> None:
        for name in ("gone", "mode", "kind/file"):
            repo.write(name, "x")
        base = repo.commit()
        repo.git("rm", "-q", "-r", "gone", "kind")
        repo.write("kind", "now a file")
        (repo.root / "mode").chmod(0o755)
        assert git.changed_files(repo.root, base, repo.commit()) == [
            *("gone", "kind", "kind/file", "mode")
        ]

    def test_names_that_differ_in_case_alone_are_two(self, repo: GitRepo) -> None:
        base = repo.git("rev-parse", "HEAD")
        oid = repo.git("rev-parse", "HEAD:README.md")
        for name in ("Case", "case"):
            repo.git("update-index", "--add", "--cacheinfo", f"100644,{oid},{name}")
        repo.git("commit", "-q", "-m", "two")
        assert git.changed_files(repo.root, base, "HEAD") == ["Case", "case"]
        assert set(git.read_tree(repo.root, "HEAD")) == {"Case", "README.md", "case"}

    def test_the_work_tree_does_not_count(self, repo: GitRepo) -> None:
        repo.write("README.md", "other")
        assert git.changed_files(repo.root, "HEAD", "HEAD") == []


class TestInTheWorkTree:
    @pytest.mark.parametrize("name", ODD)
    def test_odd_names_come_back_as_they_are(self, repo: GitRepo, name: str) -> None:
        repo.write(f"d/{name}", "x")
        assert git.changed_in_work_tree(repo.root, "HEAD") == [f"d/{name}"]
        repo.commit()
        repo.write(f"d/{name}", "y")
        assert git.changed_in_work_tree(repo.root, "HEAD") == [f"d/{name}"]

    def test_staged_unstaged_new_and_deleted_files_count_and_ignored_ones_do_not(
        self, repo: GitRepo
    ) -> None:
        for name in ("staged", "unstaged", "deleted", "untouched", "untracked-now"):
            repo.write(name, "x")
        repo.write(".gitignore", "*.log\n")
        repo.commit()
        repo.write("staged", "y")
        repo.git("add", "staged")
        repo.write("unstaged", "y")
        (repo.root / "deleted").unlink()
        repo.git("rm", "-q", "--cached", "untracked-now")
        repo.write("new/file", "x")
        repo.write("new/noise.log", "x")
        repo.write("intent", "x")
        repo.git("add", "--intent-to-add", "intent")
        assert git.changed_in_work_tree(repo.root, "HEAD") == [
            *("deleted", "intent", "new/file", "staged", "unstaged", "untracked-now")
        ]

    def test_a_change_that_was_taken_back_is_none(self, repo: GitRepo) -> None:
        repo.write("README.md", "other\n")
        repo.git("add", "README.md")
        repo.write("README.md", "hello\n")
        os.utime(repo.root / "README.md", (1, 1))
        assert git.changed_in_work_tree(repo.root, "HEAD") == []

    def test_it_is_counted_from_the_commit_that_is_asked_for(self, repo: GitRepo) -> None:
        base = repo.git("rev-parse", "HEAD")
        repo.write("later", "x")
        repo.commit()
        assert git.changed_in_work_tree(repo.root, base) == ["later"]

    def test_a_repository_within_is_one_path(self, repo: GitRepo) -> None:
        repo.write("inner/file", "x")
        repo.git("-C", "inner", "init", "-q")
        assert git.changed_in_work_tree(repo.root, "HEAD") == ["inner/"]

    def test_no_external_diff_runs(self, repo: GitRepo) -> None:
        hook = repo.write("hook", f"#!/bin/sh\ntouch {repo.root / 'pwned'}\n")
        hook.chmod(0o755)
        repo.write(".gitattributes", "*.md diff=evil\n")
        repo.commit()
        for key in ("diff.external", "diff.evil.command", "diff.evil.textconv"):
            repo.git("config", key, str(hook))
        repo.write("README.md", "other")
        assert git.changed_in_work_tree(repo.root, "HEAD") == ["README.md"]
        assert not (repo.root / "pwned").exists()


class TestFolders:
    def test_only_those_right_below_sorted_and_no_files(self, repo: GitRepo) -> None:
        for path in ("p/b/x", "p/a/deep/x", "p/file", "q/c/x", "p/ü d/x"):
            repo.write(path, "x")
        repo.commit()
        assert git.list_folders(repo.root, "HEAD", "p") == ["a", "b", "ü d"]
        assert git.list_folders(repo.root, "HEAD", "p/a") == ["deep"]
        assert git.list_folders(repo.root, "HEAD", "none") == []
        assert git.list_folders(repo.root, "HEAD", "p/file") == []

    @pytest.mark.parametrize("path", ["", "..", "/p", ".git"])
    def test_a_path_that_leads_elsewhere_is_refused(self, repo: GitRepo, path: str) -> None:
        with pytest.raises(RefusedError):
            git.list_folders(repo.root, "HEAD", path)

    def test_folders_are_required_to_be_folders(self, repo: GitRepo) -> None:
        repo.write("p/x", "x")
        repo.commit()
        git.require_folders(repo.root, "HEAD", ["p", "none", "p/none"])
        with pytest.raises(RefusedError, match="no folder") as caught:
            git.require_folders(repo.root, "HEAD", ["p", "README.md"])
        assert caught.value.where == "README.md"

    @pytest.mark.parametrize("mode", ["120000", "160000"])
    def test_a_link_or_a_submodule_is_no_folder(self, repo: GitRepo, mode: str) -> None:
        link(repo, "p", mode)
        repo.git("commit", "-q", "-m", "strange")
        with pytest.raises(RefusedError) as caught:
            git.require_folders(repo.root, "HEAD", ["p"])
        assert caught.value.where == "p"


class TestNames:
    def test_the_top_of_a_commit_has_links_and_submodules_too(self, repo: GitRepo) -> None:
        commit_all_kinds(repo, file="folder/file", link_at="link")
        assert git.list_top(repo.root, "HEAD") == ["README.md", "folder", "link", "submodule"]

    def test_tracked_is_what_the_index_has_in_any_case(self, repo: GitRepo) -> None:
        repo.write("d/new", "x")
        assert git.tracked_files(repo.root, "d") == []
        repo.git("add", "d")
        link(repo, "D/link", "120000")
        link(repo, "*", "120000")
        assert git.tracked_files(repo.root, "d") == ["D/link", "d/new"]
        assert git.tracked_files(repo.root, "readme.md") == ["README.md"]

    def test_present_are_files_and_no_folder(self, repo: GitRepo) -> None:
        commit_all_kinds(repo, file="src/a", link_at="src/link")
        assert git.present(repo.root, "HEAD", ["src", "src/a", "src/b", "*"]) == ["src/a"]
        assert git.present(repo.root, "HEAD", []) == []
        for other in ("src/link", "submodule"):
            with pytest.raises(RefusedError, match="a symbolic link or a submodule"):
                git.present(repo.root, "HEAD", ["src/a", other])

    def test_more_paths_than_a_command_line_takes(self, repo: GitRepo) -> None:
        blob = repo.git("rev-parse", "HEAD:README.md")
        folder = "/".join(["n" * 200] * 10)
        names = [f"{folder}/{number:05}" for number in range(1_200)]
        lines = "".join(f"100644 {blob}\t{name}\n" for name in names)
        subprocess.run(
            ["git", "update-index", "--add", "--index-info"],
            cwd=repo.root,
            input=lines.encode(),
            check=True,
        )
        repo.git("commit", "--quiet", "--message", "many")
        assert git.present(repo.root, "HEAD", names) == names
        assert len(git.read_files(repo.root, "HEAD", [*names, "none"])) == 1_200
        assert list(git.read_trees(repo.root, "HEAD", names)) == names


@pytest.fixture(params=["named", "filtered"])
def _few_or_many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether git is told the paths, or they are too many for that."""
    if request.param == "filtered":
        monkeypatch.setattr(reading, "_MOST_NAMED", 0)


@pytest.mark.usefixtures("_few_or_many")
class TestReadingSeveral:
    def test_trees(self, repo: GitRepo) -> None:
        for path in ("p/a/x", "p/b/x", "r/a/y", "r/ab/y"):
            repo.write(path, path)
        repo.commit()
        assert git.read_trees(repo.root, "HEAD", ["p/a", "r/a", "none"]) == {
            "p/a/x": b"p/a/x",
            "r/a/y": b"r/a/y",
        }
        assert git.read_trees(repo.root, "HEAD", []) == {}
        assert git.read_trees(repo.root, "HEAD", ["none"]) == {}

    @pytest.mark.parametrize("content", [b"", b"\n", b"a\0b\r\n", b"\xff" * 100_000, b"blob 3\n"])
    def test_contents_come_back_byte_for_byte(self, repo: GitRepo, content: bytes) -> None:
        repo.write("a", content)
        repo.write("b", b"after it")
        repo.commit()
        assert git.read_trees(repo.root, "HEAD", ["a", "b"]) == {"a": content, "b": b"after it"}

    def test_a_path_given_twice_or_inside_another_is_read_once(self, repo: GitRepo) -> None:
        repo.write("p/a/x", "x")
        repo.commit()
        assert set(git.read_trees(repo.root, "HEAD", ["p", "p/a", "p"])) == {"p/a/x"}
        assert set(git.read_files(repo.root, "HEAD", ["p/a/x", "p/a/x"])) == {"p/a/x"}

    def test_files_are_exactly_those_and_no_folder(self, repo: GitRepo) -> None:
        for path in ("src/a.py", "src/b.py", "src/sub/c.py"):
            repo.write(path, path)
        repo.commit()
        found = git.read_files(repo.root, "HEAD", ["src/a.py", "src", "src/sub", "none", "*"])
        assert found == {"src/a.py": b"src/a.py"}
        assert git.read_files(repo.root, "HEAD", []) == {}

    @pytest.mark.parametrize("mode", ["120000", "160000"])
    def test_links_and_submodules_are_refused(self, repo: GitRepo, mode: str) -> None:
        link(repo, "src/strange", mode)
        repo.git("commit", "-q", "-m", "strange")
        for read in (git.read_trees, git.read_files):
            with pytest.raises(RefusedError, match="symbolic link or a submodule"):
                read(repo.root, "HEAD", ["src/strange"])
        with pytest.raises(RefusedError):
            git.read_trees(repo.root, "HEAD", ["src"])
        assert git.read_files(repo.root, "HEAD", ["src"]) == {}

    @pytest.mark.parametrize("path", ["../x", "/etc/passwd", ".git/config", "a\0b"])
    def test_a_path_that_leads_elsewhere_is_refused(self, repo: GitRepo, path: str) -> None:
        with pytest.raises(RefusedError):
            git.read_files(repo.root, "HEAD", [path])


class TestMergeBase:
    def test_of_a_commit_and_its_ancestor(self, repo: GitRepo) -> None:
        base = repo.git("rev-parse", "HEAD")
        repo.write("a", "x")
        head = repo.commit()
        assert git.merge_base(repo.root, base, head) == base
        assert git.merge_base(repo.root, head, base) == base
        assert git.merge_base(repo.root, head, head) == head

    def test_after_base_was_merged_into_head_it_is_base(self, repo: GitRepo) -> None:
        repo.git("checkout", "-q", "-b", "topic")
        repo.write("a", "x")
        repo.commit()
        repo.git("checkout", "-q", "main")
        repo.write("b", "x")
        main = repo.commit()
        repo.git("checkout", "-q", "topic")
        repo.git("merge", "-q", "--no-edit", "main")
        assert git.merge_base(repo.root, "main", "topic") == main

    def test_the_error_has_the_names_that_were_given(self, repo: GitRepo) -> None:
        repo.git("checkout", "-q", "--orphan", "other")
        repo.write("a", "x")
        repo.commit()
        with pytest.raises(RepositoryError, match="`main` and `other` have no common commit"):
            git.merge_base(repo.root, "main", "other")


def test_a_branch_that_only_the_remote_has_is_named(repo: GitRepo, clone: GitRepo) -> None:
    clone.git("checkout", "-q", "--detach")
    clone.git("branch", "-q", "-D", "main")
    with pytest.raises(RepositoryError, match="there is no commit `main` here") as caught:
        git.resolve(clone.root, "main")
    assert caught.value.fix == "say `origin/main`"
    with pytest.raises(RepositoryError) as caught:
        git.resolve(clone.root, "mian")
    assert "git fetch" in (caught.value.fix or "")


@pytest.fixture
def tagged(repo: GitRepo, clone: GitRepo) -> GitRepo:
    """A clone of a repository in which somebody has pushed tags that are called like the base."""
    main = clone.git("rev-parse", "main")
    clone.git("update-ref", "refs/remotes/upstream/HEAD", main)
    clone.git("checkout", "-q", "-b", "topic")
    clone.write("a", "another")
    clone.commit()
    for name in ("main", "upstream", "origin/main", main[:8], "HEAD", "v1"):
        clone.git("update-ref", f"refs/tags/{name}", "topic")
    return clone


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("main", "refs/heads/main"),
        ("main~0", "refs/heads/main~0"),
        ("origin/main", "refs/remotes/origin/main"),
        ("upstream", "refs/remotes/upstream/HEAD"),
    ],
)
def test_a_tag_that_is_called_like_a_branch_is_refused(
    tagged: GitRepo, name: str, other: str
) -> None:
    with pytest.raises(RefusedError, match=f"`{name}` is a tag here, and `{other}`") as caught:
        git.resolve(tagged.root, name)
    assert caught.value.fix == f"say `{other}` or `refs/tags/{name}`, whichever you mean"
    main, topic = tagged.git("rev-parse", "refs/heads/main", "refs/heads/topic").split()
    assert git.resolve(tagged.root, other) == main
    assert git.resolve(tagged.root, f"refs/tags/{name}") == topic


def test_a_tag_that_is_called_like_a_branch_of_the_remote_alone_is_refused(tagged: GitRepo) -> None:
    tagged.git("branch", "-q", "-D", "main")
    with pytest.raises(RefusedError, match="`refs/remotes/origin/main` is another commit"):
        git.resolve(tagged.root, "main")


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_a_tag_that_is_called_like_a_commit_is_refused(
    tagged: GitRepo, case: Callable[[str], str]
) -> None:
    main = tagged.git("rev-parse", "refs/heads/main")
    name = case(main[:8])
    tagged.git("update-ref", f"refs/tags/{name}", "topic")
    with pytest.raises(RefusedError, match=f"`{main}` is another commit"):
        git.resolve(tagged.root, name)


@pytest.mark.parametrize("steps", ["^0", "~0", "^{commit}", "~0^0"])
@pytest.mark.parametrize("name", ["main", "an id"])
def test_steps_after_its_name_get_such_a_tag_no_further(
    tagged: GitRepo, name: str, steps: str
) -> None:
    main = tagged.git("rev-parse", "refs/heads/main")
    name, other = (main[:8], main) if name == "an id" else (name, f"refs/heads/{name}")
    with pytest.raises(RefusedError, match="is a tag here") as caught:
        git.resolve(tagged.root, f"{name}{steps}")
    assert f"say `{other}{steps}` or" in (caught.value.fix or "")
    assert git.resolve(tagged.root, f"{other}{steps}") == main
    assert git.resolve(tagged.root, f"v1{steps}") == tagged.git("rev-parse", "topic")


def test_a_tag_takes_no_name_that_is_a_commits_own(tagged: GitRepo) -> None:
    main, topic = tagged.git("rev-parse", "refs/heads/main", "refs/heads/topic").split()
    tagged.git("update-ref", f"refs/tags/{main}", topic)
    assert git.resolve(tagged.root, main) == main
    assert git.head_commit(tagged.root) == topic
    assert git.resolve(tagged.root, "HEAD~1") == main


def test_a_tag_with_a_name_of_its_own_is_taken(tagged: GitRepo) -> None:
    assert git.resolve(tagged.root, "v1") == tagged.git("rev-parse", "refs/heads/topic")


def test_a_tag_at_the_same_commit_as_its_branch_is_taken(tagged: GitRepo) -> None:
    tagged.git("update-ref", "refs/tags/main", "refs/heads/main")
    main = tagged.git("rev-parse", "refs/heads/main")
    assert git.resolve(tagged.root, "main") == main
    tagged.git("tag", "-d", "main")
    tagged.git("tag", "-a", "-m", "annotated", "main", "refs/heads/main")
    assert git.resolve(tagged.root, "main") == main
