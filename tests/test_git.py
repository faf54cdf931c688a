from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from landrace import git
from landrace.errors import RefusedError, RepositoryError
from landrace.git.command import user_settings

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2024-01-31T10:00:00+02:00",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2024-01-31T10:00:00+02:00",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Sandbox:
    """A real repository."""

    def __init__(self, root):
        self.root = root
        root.mkdir(exist_ok=True)
        self("init", "-q", "-b", "main")

    def __call__(self, *arguments):
        result = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env={"PATH": os.environ["PATH"], **AUTHOR},
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout.strip()

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")

    def commit(self, message, **files):
        for path, text in files.items():
            self.write(path, text)
        self("add", "-A")
        self("commit", "-q", "--allow-empty", "-m", message)
        return self("rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch, tmp_path):
    """No repository or configuration of whoever runs the tests, not even inside a git hook."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    user_settings.cache_clear()
    yield
    user_settings.cache_clear()


@pytest.fixture
def repo(tmp_path):
    return Sandbox(tmp_path / "repo")


def test_the_top_is_found_from_below_and_from_a_file(repo):
    repo.write("a/b/c.txt", "x")
    assert git.toplevel(repo.root / "a" / "b").samefile(repo.root)
    assert git.toplevel(repo.root / "a" / "b" / "c.txt").samefile(repo.root)


def test_outside_a_repository_says_what_to_do(tmp_path):
    with pytest.raises(RepositoryError, match="not inside a git repository") as caught:
        git.toplevel(tmp_path)
    assert "git init" in caught.value.fix


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(RepositoryError):
        git.toplevel(tmp_path / "none" / "file")


def test_a_bare_repository_is_an_error(tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)
    with pytest.raises(RepositoryError):
        git.toplevel(tmp_path / "bare")


def test_without_git_the_error_says_so(repo, monkeypatch):
    user_settings()
    monkeypatch.setenv("PATH", str(repo.root))
    with pytest.raises(RepositoryError, match="git was not found"):
        git.toplevel(repo.root)


def test_without_git_at_import_the_error_says_so_too(repo):
    code = (
        "import pathlib, landrace.errors as errors, landrace.git as g\n"
        "try: g.toplevel(pathlib.Path('.'))\n"
        "except errors.RepositoryError as error: print(error.problem)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=repo.root,
        env={**os.environ, "PATH": str(repo.root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "git was not found"


def test_importing_the_module_does_not_import_gitpython():
    code = "import sys, landrace.git; print('git' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_the_head_is_a_full_id(repo):
    sha = repo.commit("one")
    assert git.head_commit(repo.root) == sha


def test_a_repository_without_commits_is_an_error(repo):
    with pytest.raises(RepositoryError, match="no commit yet"):
        git.head_commit(repo.root)


@pytest.mark.parametrize("ref", ["", "-rf", "--output=x", "a b", "a\nb", "a\0b", "x" * 251])
def test_what_cannot_be_a_revision_is_refused(repo, ref):
    repo.commit("one")
    with pytest.raises(RefusedError):
        git.resolve(repo.root, ref)


@pytest.mark.parametrize("ref", ["nope", "HEAD:a", "HEAD..HEAD", "0" * 40])
def test_an_unknown_revision_is_an_error(repo, ref):
    repo.commit("one", a="x")
    with pytest.raises(RepositoryError, match="there is no commit"):
        git.resolve(repo.root, ref)


def test_an_option_like_revision_is_not_run_as_an_option(repo, tmp_path):
    repo.commit("one")
    with pytest.raises(RefusedError):
        git.history(repo.root, "a", f"--output={tmp_path / 'pwned'}")
    assert not (tmp_path / "pwned").exists()


def test_clean_means_nothing_under_the_paths_changed(repo):
    repo.commit("one", **{"prompts/a": "x", "other": "x", ".gitignore": "*.log\n"})
    assert git.is_clean(repo.root, ["prompts", "registry"])
    repo.write("other", "y")
    repo.write("prompts/a.log", "y")
    assert git.is_clean(repo.root, ["prompts"])
    repo.write("prompts/new", "y")
    assert not git.is_clean(repo.root, ["prompts"])


@pytest.mark.parametrize("path", ["/etc", "../x", "a/../../b", "", ".git/config", "a\\b", "a\0"])
def test_a_path_out_of_the_repository_is_refused(repo, path):
    repo.commit("one")
    with pytest.raises(RefusedError):
        git.is_clean(repo.root, [path])
    with pytest.raises(RefusedError):
        git.read_blob(repo.root, "HEAD", path)


def test_a_path_with_pathspec_magic_is_taken_literally(repo):
    repo.commit("one", **{"a": "x", ":(glob)*": "y"})
    assert git.read_blob(repo.root, "HEAD", ":(glob)*") == b"y"
    assert git.read_blob(repo.root, "HEAD", "*") is None


def test_history_is_newest_first_and_of_the_path_only(repo):
    first = repo.commit("one", a="1")
    repo.commit("elsewhere", b="1")
    last = repo.commit("zwölf \x1f sub", a="2")
    commits = git.history(repo.root, "a")
    assert [commit.sha for commit in commits] == [last, first]
    assert commits[0].subject == "zwölf \x1f sub"
    assert commits[0].author == "Ada"
    assert commits[0].date == datetime(2024, 1, 31, 10, tzinfo=timezone(timedelta(hours=2)))
    assert git.history(repo.root, "never") == []


@pytest.mark.parametrize(
    "author", ["A <a@b> 1 +2500", "A <a@b> junk", "A <a@b> 99999999999999 +0000"]
)
def test_a_commit_with_an_impossible_date_is_listed(repo, author):
    tree = repo("rev-parse", f"{repo.commit('one', a='x')}^{{tree}}")
    body = f"tree {tree}\nauthor {author}\ncommitter A <a@b> 1 +0000\n\nodd\n"
    (repo.root / "odd").write_text(body)
    sha = repo("hash-object", "-t", "commit", "-w", "--literally", "odd")
    (commit,) = git.history(repo.root, "a", sha)
    assert (commit.subject, commit.date.year) == ("odd", 1970)


def test_a_blob_is_read_at_a_commit_and_not_from_the_work_tree(repo):
    repo.commit("one", **{"d/ä": "1\r\n"})
    repo.write("d/ä", "2")
    assert git.read_blob(repo.root, "HEAD", "d/ä") == b"1\r\n"
    assert git.read_blob(repo.root, "HEAD", "d") is None
    assert git.read_blob(repo.root, "HEAD", "none") is None


def test_a_link_in_a_tree_is_refused(repo):
    (repo.root / "link").symlink_to("/etc/passwd")
    repo.commit("one", a="x")
    with pytest.raises(RefusedError, match="symbolic link") as caught:
        git.read_blob(repo.root, "HEAD", "link")
    assert caught.value.where == "link"
    with pytest.raises(RefusedError):
        git.list_tree(repo.root, "HEAD")


def test_a_tree_is_listed_and_read(repo):
    repo.commit("one", **{"r/b": "", "r/a/c": "1\n2", "s": "x"})
    assert [file.path for file in git.list_tree(repo.root, "HEAD", "r")] == ["r/a/c", "r/b"]
    assert git.list_tree(repo.root, "HEAD", "none") == []
    assert git.read_tree(repo.root, "HEAD", "r") == {"r/a/c": b"1\n2", "r/b": b""}
    assert git.read_tree(repo.root, "HEAD", "none") == {}
    assert set(git.read_tree(repo.root, "HEAD")) == {"r/a/c", "r/b", "s"}


def test_a_submodule_is_refused(repo):
    sha = repo.commit("one", a="x")
    repo("update-index", "--add", "--cacheinfo", f"160000,{sha},sub")
    repo("commit", "-q", "-m", "two")
    with pytest.raises(RefusedError, match="submodule"):
        git.list_tree(repo.root, "HEAD")


def test_changed_files_are_those_that_differ(repo):
    base = repo.commit("one", a="x", b="x", c="x")
    (repo.root / "b").rename(repo.root / "ü")
    head = repo.commit("two", a="y")
    assert git.changed_files(repo.root, base, head) == ["a", "b", "ü"]
    assert git.changed_files(repo.root, base, "HEAD~1") == []


def test_the_merge_base_is_where_two_branches_part(repo):
    base = repo.commit("one")
    repo("checkout", "-q", "-b", "topic")
    repo.commit("two")
    repo("checkout", "-q", "main")
    repo.commit("three")
    assert git.merge_base(repo.root, "main", "topic") == base


def test_after_merges_crosswise_everything_that_differs_counts(repo):
    """Either half could be where they parted; what `topic` undid of one must not go unseen."""
    repo.commit("one", pin="old")
    repo("checkout", "-q", "-b", "half")
    repo.commit("better", pin="new")
    repo("checkout", "-q", "main")
    repo.commit("two", b="x")
    repo("checkout", "-q", "-b", "topic")
    repo("merge", "-q", "-s", "ours", "-m", "keep the old pin", "half")
    repo("checkout", "-q", "main")
    repo("merge", "-q", "-m", "take the new pin", "half")
    repo.commit("three", c="x")
    fork = git.merge_base(repo.root, "main", "topic")
    assert fork == git.resolve(repo.root, "main")
    assert "pin" in git.changed_files(repo.root, fork, "topic")


def test_unrelated_histories_have_no_merge_base(repo):
    repo.commit("one")
    repo("checkout", "-q", "--orphan", "other")
    repo.commit("two")
    with pytest.raises(RepositoryError, match="no common commit"):
        git.merge_base(repo.root, "main", "other")


def test_a_shallow_clone_says_how_to_deepen_it(repo, tmp_path):
    repo.commit("one")
    repo("checkout", "-q", "-b", "topic")
    repo.commit("two")
    repo("checkout", "-q", "main")
    repo.commit("three")
    clone = tmp_path / "clone"
    url = repo.root.as_uri()
    arguments = ["git", "clone", "-q", "--depth=1", "--no-single-branch", url, str(clone)]
    subprocess.run(arguments, check=True)
    assert git.is_shallow(clone)
    with pytest.raises(RepositoryError) as caught:
        git.merge_base(clone, "HEAD", "origin/topic")
    assert "fetch-depth: 0" in caught.value.fix


def test_hooks_and_user_settings_do_not_run(repo, tmp_path):
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'pwned'}\n")
    hook.chmod(0o755)
    (tmp_path / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {hook}\n[status]\n\tshort = no\n")
    repo.commit("one", a="x")
    repo("config", "core.fsmonitor", str(hook))
    repo.write("a", "y")
    assert not git.is_clean(repo.root, ["a"])
    assert not (tmp_path / "pwned").exists()


def test_the_users_ignored_files_stay_ignored(repo, tmp_path):
    (tmp_path / "ignored").write_text(".DS_Store\n")
    (tmp_path / ".gitconfig").write_text("[core]\n\texcludesFile = ~/ignored\n")
    repo.commit("one", a="x")
    repo.write("prompts/.DS_Store", "")
    assert git.is_clean(repo.root, ["prompts"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may chown")
def test_a_repository_of_another_user_needs_the_users_word(repo, tmp_path):
    repo.commit("one")
    for path in (repo.root, repo.root / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(RepositoryError, match="another user owns it"):
        git.toplevel(repo.root)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {repo.root}\n")
    user_settings.cache_clear()
    assert git.toplevel(repo.root).samefile(repo.root)
