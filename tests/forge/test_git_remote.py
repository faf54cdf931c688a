"""The remote that other tests push to behaves as a forge does."""

from __future__ import annotations

import subprocess

import pytest

from git_repo import GitRepo


@pytest.fixture
def writer(tokens):
    return tokens.make(contents="write")


@pytest.fixture
def clone(remote, writer, tmp_path):
    made = GitRepo(tmp_path / "clone")
    made.root.mkdir()
    made.git("clone", "--quiet", remote.address(writer), ".")
    return made


def failure(repo, *arguments):
    with pytest.raises(subprocess.CalledProcessError) as caught:
        repo.git("-c", "credential.helper=", *arguments)
    return caught.value.stderr


def test_what_is_pushed_is_there(clone, hosted):
    clone.write("a", "a")
    oid = clone.commit()
    clone.git("push", "--quiet", "origin", "HEAD:feature")
    assert hosted.existing("feature") == oid


def test_a_large_push_comes_in_chunks(clone, hosted):
    clone.write("large", bytes(range(256)) * 12_000)
    clone.git("config", "core.compression", "0")
    clone.git("config", "http.postBuffer", "65536")
    clone.commit()
    clone.git("push", "--quiet", "origin", "HEAD:large")
    assert len(hosted.files("large")["large"]) == 256 * 12_000


def test_without_a_token_there_is_nothing(remote, clone, monkeypatch):
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    monkeypatch.setenv("GIT_ASKPASS", "true")
    for address in (remote.address(), remote.address("ghs_unknown")):
        assert "Authentication failed" in failure(clone, "ls-remote", address)


def test_a_token_that_may_read_may_not_push(remote, clone, tokens, hosted):
    reader = remote.address(tokens.make("reader[bot]", contents="read"))
    assert clone.git("ls-remote", reader, "refs/heads/main").startswith(hosted.existing("main"))
    assert "403" in failure(clone, "push", reader, "HEAD:feature")
    assert hosted.head("feature") is None


def test_another_repository_is_not_there(remote, clone, writer):
    other = remote.address(writer).replace("/prompts", "/promptsx")
    assert "not found" in failure(clone, "ls-remote", other)


def test_a_protected_branch_refuses_as_github_does(clone, hosted):
    hosted.protect("main")
    clone.write("a", "a")
    clone.commit()
    stderr = failure(clone, "push", "origin", "HEAD:main")
    assert "GH006: Protected branch update failed for refs/heads/main." in stderr
    assert "pre-receive hook declined" in stderr


def test_a_push_that_races_is_rejected_and_goes_through_after_a_rebase(clone, remote, hosted):
    remote.before_next_push(lambda: hosted.commit("main", {"theirs": b"theirs"}, "theirs"))
    clone.write("ours", "ours")
    clone.commit("ours")
    assert "rejected" in failure(clone, "push", "origin", "HEAD:main")

    clone.git("pull", "--quiet", "--rebase", "origin", "main")
    clone.git("push", "--quiet", "origin", "HEAD:main")
    assert set(hosted.files("main")) == {"README.md", "ours", "theirs"}
    assert remote.pushes == 2


def test_history_is_not_rewritten(clone, hosted):
    before = hosted.existing("main")
    clone.git("commit", "--quiet", "--amend", "--message", "rewritten")
    assert "rejected" in failure(clone, "push", "--force", "origin", "HEAD:main")
    assert hosted.existing("main") == before


def test_a_pull_requests_head_can_be_fetched_by_its_number(clone, github, remote):
    github.repository.commit("theirs", {"a": b"a"}, start="main")
    number = github.open_pull("theirs", fork="eve/prompts")
    clone.git("fetch", "--quiet", "origin", f"refs/pull/{number}/head")
    assert clone.git("rev-parse", "FETCH_HEAD") == github.head_of(number)
    assert github.repository.head("theirs") is None
