"""Fetching and pushing between real repositories by path."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace import git
from landrace.errors import (
    ConfigError,
    EvidenceError,
    OutageError,
    RefusedError,
    RepositoryError,
)
from landrace.git import remote as remote_module

if TYPE_CHECKING:
    from pathlib import Path

BOT = git.Author("Landrace Bot", "bot@example.org")


def write(repo: GitRepo, parent: str, name: str = "bot") -> str:
    made = git.write_commit(repo.root, parent=parent, files={name: b"x"}, message="bot", author=BOT)
    assert made is not None
    return made


def branch(bare: GitRepo, name: str = "main") -> str:
    return bare.git("rev-parse", f"refs/heads/{name}")


def test_a_commit_gets_onto_the_branch_and_nothing_here_moves(repo: GitRepo, bare: GitRepo) -> None:
    head = repo.git("rev-parse", "HEAD")
    made = write(repo, head)

    git.push(repo.root, "origin", made, "main", head)

    assert branch(bare) == made
    assert repo.git("for-each-ref", "--format=%(refname) %(objectname)") == (
        f"refs/heads/main {head}\nrefs/remotes/origin/main {made}"
    )
    assert git.remote_head(repo.root, "origin", "main") == made


def test_the_same_push_again_is_no_error(repo: GitRepo, bare: GitRepo) -> None:
    head = branch(bare)
    made = write(repo, head)
    for _ in range(2):
        git.push(repo.root, "origin", made, "main", head)
    assert branch(bare) == made


def test_an_address_is_as_good_as_a_name(repo: GitRepo, bare: GitRepo) -> None:
    made = write(repo, branch(bare))
    git.push(repo.root, bare.root.as_uri(), made, "main", branch(bare))
    assert git.remote_head(repo.root, bare.root.as_uri(), "main") == made


def test_a_new_branch_is_made_only_where_there_is_none(repo: GitRepo, bare: GitRepo) -> None:
    made = write(repo, branch(bare))
    git.push(repo.root, "origin", made, "landrace/models", None)
    assert branch(bare, "landrace/models") == made
    with pytest.raises(EvidenceError, match="moved"):
        git.push(repo.root, "origin", write(repo, made, "b"), "landrace/models", None)
    assert branch(bare, "landrace/models") == made


# --- races ---


def test_of_two_pushes_on_one_commit_the_second_gets_to_know(
    repo: GitRepo, bare: GitRepo, clone: GitRepo
) -> None:
    head = branch(bare)
    first, second = write(clone, head, "first"), write(repo, head, "second")

    git.push(clone.root, "origin", first, "main", head)
    with pytest.raises(EvidenceError, match="has moved") as caught:
        git.push(repo.root, "origin", second, "main", head)

    assert caught.value.exit_code == 4
    assert branch(bare) == first
    assert git.fetch(repo.root, "origin", ["main"]) == {"main": first}
    third = write(repo, first, "second")
    git.push(repo.root, "origin", third, "main", first)
    assert set(git.read_tree(repo.root, third)) == {"README.md", "first", "second"}


def test_a_branch_that_went_back_has_moved_too(repo: GitRepo, bare: GitRepo) -> None:
    old = branch(bare)
    head = write(repo, old)
    git.push(repo.root, "origin", head, "main", old)
    bare.git("update-ref", "refs/heads/main", old)
    with pytest.raises(EvidenceError):
        git.push(repo.root, "origin", write(repo, head, "b"), "main", head)
    assert branch(bare) == old


def test_a_branch_that_was_removed_has_moved_too(repo: GitRepo, bare: GitRepo) -> None:
    head = branch(bare)
    bare.git("update-ref", "-d", "refs/heads/main")
    with pytest.raises(EvidenceError):
        git.push(repo.root, "origin", write(repo, head), "main", head)
    assert git.remote_head(repo.root, "origin", "main") is None


def test_a_branch_that_moves_during_the_push_is_not_overwritten(
    repo: GitRepo, bare: GitRepo, clone: GitRepo
) -> None:
    head = branch(bare)
    other = write(clone, head, "other")
    git.push(clone.root, "origin", other, "elsewhere", None)
    # Runs after the remote has told where its branch is.
    hook(bare, f"env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {other}")

    with pytest.raises(EvidenceError, match="has moved"):
        git.push(repo.root, "origin", write(repo, head), "main", head)
    assert branch(bare) == other


def test_nothing_that_would_drop_a_commit_is_pushed(repo: GitRepo, bare: GitRepo) -> None:
    old = branch(bare)
    head = write(repo, old)
    git.push(repo.root, "origin", head, "main", old)
    with pytest.raises(RefusedError, match="does not follow"):
        git.push(repo.root, "origin", write(repo, old, "other"), "main", head)
    with pytest.raises(RefusedError, match="does not follow"):
        git.push(repo.root, "origin", old, "main", head)
    assert branch(bare) == head


def test_what_is_not_here_yet_must_be_fetched_first(
    repo: GitRepo, bare: GitRepo, clone: GitRepo
) -> None:
    unknown = write(clone, branch(bare))
    with pytest.raises(RepositoryError) as caught:
        git.push(repo.root, "origin", branch(bare), "main", unknown)
    assert "fetch" in (caught.value.fix or "")


# --- refusals and failures ---


def hook(bare: GitRepo, script: str) -> None:
    bare.write("hooks/pre-receive", f"#!/bin/sh\n{script}\n").chmod(0o755)


def test_a_remotes_refusal_is_told_in_its_own_words_cleaned(repo: GitRepo, bare: GitRepo) -> None:
    words = r"GH006: \033[31mProtected\033[0m branch\a\r\n\n::error::x ghp_" + "a1B2" * 9
    hook(bare, f"cat > /dev/null; printf '{words}\\n' >&2; exit 1")
    head = branch(bare)

    with pytest.raises(RefusedError) as caught:
        git.push(repo.root, "origin", write(repo, head), "main", head)

    assert caught.value.problem == (
        "the remote refused the push to `main`: GH006: Protected branch ::error::x [redacted]"
    )
    assert caught.value.where == "origin"
    assert branch(bare) == head


def test_a_silent_refusal_is_told_in_gits_words(repo: GitRepo, bare: GitRepo) -> None:
    hook(bare, "exit 1")
    with pytest.raises(RefusedError, match=r"\(pre-receive hook declined\)"):
        git.push(repo.root, "origin", write(repo, branch(bare)), "main", branch(bare))


def test_a_long_refusal_is_cut(repo: GitRepo, bare: GitRepo) -> None:
    hook(bare, "yes word | head -n 2000 >&2; exit 1")
    with pytest.raises(RefusedError) as caught:
        git.push(repo.root, "origin", write(repo, branch(bare)), "main", branch(bare))
    assert len(caught.value.problem) < 600


def test_a_refusals_words_do_not_choose_the_kind_of_error(repo: GitRepo, bare: GitRepo) -> None:
    hook(bare, "echo 'fatal: Authentication failed; Could not resolve host' >&2; exit 1")
    with pytest.raises(RefusedError):
        git.push(repo.root, "origin", write(repo, branch(bare)), "main", branch(bare))


def test_a_branch_in_the_place_of_a_folder_is_a_refusal_and_no_race(
    repo: GitRepo, bare: GitRepo
) -> None:
    with pytest.raises(RefusedError):
        git.push(repo.root, "origin", write(repo, branch(bare)), "main/below", None)


def test_an_unknown_remote_is_an_error(repo: GitRepo) -> None:
    with pytest.raises(RepositoryError, match="no remote `upstream`"):
        git.remote_head(repo.root, "upstream", "main")


def test_a_remote_without_a_repository_is_an_error(repo: GitRepo, tmp_path: Path) -> None:
    address = (tmp_path / "none").as_uri()
    for call in (
        lambda: git.remote_head(repo.root, address, "main"),
        lambda: git.fetch(repo.root, address, ["main"]),
        lambda: git.push(repo.root, address, repo.git("rev-parse", "HEAD"), "main", None),
    ):
        with pytest.raises(ConfigError, match="no such repository"):
            call()


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c touch% pwned",
        "fd::17",
        "--upload-pack=touch pwned",
        "-o",
        "git://localhost/x",
        "ftp://localhost/x",
        "../bare.git",
        "/tmp/bare.git",
        "a b",
        "https://host/ x",
        "file:///x\n",
        "",
    ],
)
def test_what_is_no_remote_is_refused(repo: GitRepo, address: str) -> None:
    with pytest.raises((RefusedError, RepositoryError)):
        git.remote_head(repo.root, address, "main")
    assert "pwned" not in repo.tree()


def test_a_transport_that_runs_a_command_is_refused_in_the_configuration_too(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = repo.write("bin/git-remote-evil", "#!/bin/sh\ntouch pwned\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    for address in ("ext::touch pwned", "evil::x", "evil://x"):
        repo.git("config", "remote.evil.url", address)
        repo.git("config", "protocol.allow", "always")
        repo.git("config", "protocol.ext.allow", "always")
        with pytest.raises(RepositoryError):
            git.remote_head(repo.root, "evil", "main")
        assert "pwned" not in repo.tree()


def test_a_password_in_an_address_is_refused_and_not_shown(repo: GitRepo) -> None:
    with pytest.raises(ConfigError, match="holds a password") as caught:
        git.remote_head(repo.root, "https://bot:hunter22@localhost/x", "main")
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["", "-d", "HEAD", "a..b", "a b", "a\nb", "a:b", "a*", "@{-1}", "a.lock", "/a", "a\0"],
)
def test_what_cannot_name_a_branch_is_refused(repo: GitRepo, bare: GitRepo, name: str) -> None:
    for call in (
        lambda: git.push(repo.root, "origin", branch(bare), name, None),
        lambda: git.remote_head(repo.root, "origin", name),
        lambda: git.fetch(repo.root, "origin", [name]),
    ):
        with pytest.raises(RefusedError):
            call()


@pytest.mark.parametrize("oid", ["HEAD", "main", "", "0123abc", "+main", "-x", "Z" * 40])
def test_only_full_ids_are_pushed(repo: GitRepo, bare: GitRepo, oid: str) -> None:
    with pytest.raises(RefusedError, match="full id"):
        git.push(repo.root, "origin", oid, "main", branch(bare))
    with pytest.raises(RefusedError, match="full id"):
        git.push(repo.root, "origin", branch(bare), "main", oid)


def test_a_refused_connection_is_an_outage(repo: GitRepo) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # without listening
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/x"
        with pytest.raises(OutageError, match="cannot be reached") as caught:
            git.remote_head(repo.root, address, "main")
    assert caught.value.exit_code == 75


def test_a_host_without_a_name_is_an_outage(repo: GitRepo) -> None:
    with pytest.raises(OutageError):
        git.remote_head(repo.root, "https://nowhere.invalid/x", "main")


def test_a_remote_that_never_answers_is_an_outage(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_module, "_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(OutageError, match=r"killed after 0\.3 seconds"):
            git.remote_head(repo.root, address, "main")


# --- what is fetched ---


def test_fetching_moves_no_ref_and_brings_all_objects(
    repo: GitRepo, bare: GitRepo, clone: GitRepo
) -> None:
    clone.write("b", "1")
    clone.commit("one")
    clone.git("push", "-q", "origin", "HEAD:main", "HEAD:refs/pull/7/head")
    clone.git("tag", "v1")
    clone.git("push", "-q", "--tags")
    repo.git("config", "remote.origin.prune", "true")
    repo.git("config", "fetch.prune", "true")
    repo.git("config", "fetch.pruneTags", "true")
    repo.git("config", "remote.origin.tagOpt", "--tags")
    before = repo.git("for-each-ref")
    tip = branch(bare)

    found = git.fetch(repo.root, "origin", ["main", "refs/pull/7/head"])

    assert found == {"main": tip, "refs/pull/7/head": tip}
    assert repo.git("for-each-ref") == before
    assert not (repo.root / ".git" / "FETCH_HEAD").exists()
    assert git.read_blob(repo.root, tip, "b") == b"1"
    assert git.fetch(repo.root, "origin", []) == {}


def test_submodules_are_left_alone(repo: GitRepo, bare: GitRepo, tmp_path: Path) -> None:
    other = GitRepo.make(tmp_path / "other")
    other.git("commit", "-q", "--allow-empty", "-m", "x")
    add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add"]
    repo.git(*add, other.root.as_uri(), "sub")
    head = repo.commit("with a submodule")
    repo.git("config", "fetch.recurseSubmodules", "true")
    other.root.rename(tmp_path / "gone")

    git.push(repo.root, "origin", head, "main", branch(bare))
    assert git.fetch(repo.root, "origin", ["main"]) == {"main": head}


def test_a_ref_that_the_remote_has_not_is_an_error(repo: GitRepo, bare: GitRepo) -> None:
    bare.git("update-ref", "refs/x/refs/heads/topic", "main")  # ends as the one asked for
    with pytest.raises(RepositoryError, match="no topic"):
        git.fetch(repo.root, "origin", ["topic"])
    assert git.remote_head(repo.root, "origin", "topic") is None


def test_a_shallow_clone_is_fetched_into_and_pushed_from(
    repo: GitRepo, bare: GitRepo, tmp_path: Path, clone: GitRepo
) -> None:
    for n in range(3):
        clone.write("b", str(n))
        clone.commit(str(n))
    clone.git("push", "-q", "origin", "main")
    shallow = GitRepo(tmp_path / "shallow")
    repo.git("clone", "-q", "--depth=1", bare.root.as_uri(), str(shallow.root))

    head = git.fetch(shallow.root, "origin", ["main"])["main"]
    made = write(shallow, head)
    git.push(shallow.root, "origin", made, "main", head)

    assert branch(bare) == made


# --- the user's configuration ---


def test_the_users_configuration_reaches_a_remote_but_adds_nothing_to_a_push(
    repo: GitRepo, bare: GitRepo, tmp_path: Path
) -> None:
    (tmp_path / ".gitconfig").write_text(
        f'[url "{bare.root.as_uri()}"]\n\tinsteadOf = https://forge.invalid/x\n'
        "[push]\n\tfollowTags = true\n\tpushOption = ci.skip\n\tgpgSign = true\n"
        "\trecurseSubmodules = only\n"
    )
    repo.write(".git/hooks/pre-push", "#!/bin/sh\nexit 1\n").chmod(0o755)
    bare.git("config", "receive.advertisePushOptions", "true")
    hook(bare, f'echo "$GIT_PUSH_OPTION_COUNT" > {tmp_path / "options"}')
    repo.git("remote", "set-url", "origin", "https://forge.invalid/x")
    head = branch(bare)
    made = write(repo, head)
    repo.git("tag", "-a", "-m", "x", "v1", made)

    git.push(repo.root, "origin", made, "main", head)

    assert branch(bare) == made
    assert bare.git("tag") == ""
    assert (tmp_path / "options").read_text().strip() in {"", "0"}
