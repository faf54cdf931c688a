"""Fetching and pushing over HTTP with a token, as on a forge."""

from __future__ import annotations

import base64
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from forge.fixtures import hosted, remote, started, tokens
from forge.serving import DROPPED, Request, Response, Server
from git_repo import GitRepo
from landrace import git
from landrace.errors import ConfigError, EvidenceError, LandraceError, OutageError, RefusedError
from landrace.git.credentials import token_variables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from forge.git_remote import GitRemote
    from forge.hosted import HostedRepository
    from forge.tokens import Tokens

__all__ = ["hosted", "remote", "started", "tokens"]  # pytest finds fixtures by name

BOT = git.Author("Landrace Bot", "bot@example.org")


@pytest.fixture
def here(tmp_path: Path, hosted: HostedRepository, remote: GitRemote) -> GitRepo:
    """A clone whose `origin` is the remote over HTTP."""
    root = tmp_path / "here"
    subprocess.run(["git", "clone", "-q", str(hosted.path), str(root)], check=True)
    repo = GitRepo(root)
    repo.git("remote", "set-url", "origin", remote.address())
    return repo


@pytest.fixture
def writer(tokens: Tokens) -> git.Token:
    return git.Token(tokens.make(contents="write"))


def write(repo: GitRepo, parent: str, name: str = "bot") -> str:
    made = git.write_commit(repo.root, parent=parent, files={name: b"x"}, message="bot", author=BOT)
    assert made is not None
    return made


def test_a_token_reads_and_writes(
    here: GitRepo, hosted: HostedRepository, writer: git.Token
) -> None:
    theirs = hosted.commit("main", {"theirs": b"x"})

    head = git.fetch(here.root, "origin", ["main"], token=writer)["main"]
    made = write(here, head)
    git.push(here.root, "origin", made, "main", head, token=writer)

    assert head == theirs
    assert hosted.existing("main") == made
    assert git.remote_head(here.root, "origin", "main", token=writer) == made


def test_a_token_is_in_no_command_line_trace_or_file(
    here: GitRepo,
    hosted: HostedRepository,
    writer: git.Token,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2_EVENT", "GIT_TRACE_SETUP"):
        monkeypatch.setenv(name, str(tmp_path / "trace"))
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    head = hosted.existing("main")
    git.push(here.root, "origin", write(here, head), "main", head, token=writer)

    trace = (tmp_path / "trace").read_text()
    assert "git-remote-http" in trace
    assert "authorization: basic" in trace.lower()
    login = base64.b64encode(f"x-access-token:{writer.value}".encode()).decode()
    files = [path for path in here.root.rglob("*") if path.is_file()]
    for secret in (writer.value, login):
        assert secret not in trace
        assert all(secret.encode() not in path.read_bytes() for path in files)
    assert writer.value not in repr(writer)


def test_the_token_goes_in_place_of_what_a_checkout_left_in_the_configuration(
    here: GitRepo, hosted: HostedRepository, remote: GitRemote, writer: git.Token, tokens: Tokens
) -> None:
    reader = f"x-access-token:{tokens.make(contents='read')}"
    header = f"AUTHORIZATION: basic {base64.b64encode(reader.encode()).decode()}"
    here.git("config", f"http.{remote.url}/.extraheader", header)
    here.git("config", f"http.{remote.address()}.extraheader", header)
    head = hosted.existing("main")

    git.push(here.root, "origin", write(here, head), "main", head, token=writer)
    assert len(hosted.history("main")) == 2


def test_without_a_token_the_users_credential_helper_is_asked(
    here: GitRepo, hosted: HostedRepository, writer: git.Token, tmp_path: Path
) -> None:
    helper = f'!f() {{ echo username=x; echo "password={writer.value}"; }}; f'
    (tmp_path / ".gitconfig").write_text("")
    here.git("config", "--file", str(tmp_path / ".gitconfig"), "credential.helper", helper)
    head = hosted.existing("main")

    made = write(here, head)
    git.push(here.root, "origin", made, "main", head)
    assert hosted.existing("main") == made


def test_with_a_token_nobody_else_is_asked(
    here: GitRepo, tmp_path: Path, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    program = tmp_path / "askpass"
    program.write_text(f"#!/bin/sh\ntouch {asked}\necho {tokens.make(contents='write')}\n")
    program.chmod(0o755)
    monkeypatch.setenv("GIT_ASKPASS", str(program))
    monkeypatch.setenv("SSH_ASKPASS", str(program))
    here.git("config", "credential.helper", f"!{program}")
    here.git("config", "credential.http://127.0.0.1.helper", f"!{program}")

    with pytest.raises(ConfigError, match="credentials"):
        git.remote_head(here.root, "origin", "main", token=git.Token("ghs_wrong"))
    assert not asked.exists()


def test_configuration_that_the_environment_has_already_stays(
    here: GitRepo, writer: git.Token, monkeypatch: pytest.MonkeyPatch, remote: GitRemote
) -> None:
    here.git("remote", "set-url", "origin", "https://forge.invalid/x")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{remote.address()}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://forge.invalid/x")
    assert git.remote_head(here.root, "origin", "main", token=writer)


# --- failures ---


def test_no_credentials_and_wrong_ones_are_an_error_with_what_to_do(
    here: GitRepo, hosted: HostedRepository
) -> None:
    head = hosted.existing("main")
    made = write(here, head)
    for token in (None, git.Token("ghs_wrong")):
        with pytest.raises(ConfigError, match="does not take these credentials") as caught:
            git.push(here.root, "origin", made, "main", head, token=token)
        assert "token" in (caught.value.fix or "")
        assert caught.value.exit_code == 2
        assert "ghs_wrong" not in str(caught.value)
    assert hosted.existing("main") == head


def test_a_token_that_may_only_read_cannot_push(
    here: GitRepo, hosted: HostedRepository, tokens: Tokens
) -> None:
    reader = git.Token(tokens.make(contents="read"))
    head = git.remote_head(here.root, "origin", "main", token=reader)
    assert head
    with pytest.raises(ConfigError, match=r"credentials: Permission to ada/prompts\.git denied"):
        git.push(here.root, "origin", write(here, head), "main", head, token=reader)
    assert hosted.existing("main") == head


def test_a_protected_branch_refuses(
    here: GitRepo, hosted: HostedRepository, writer: git.Token
) -> None:
    hosted.protect("main")
    head = hosted.existing("main")
    with pytest.raises(RefusedError, match="GH006: Protected branch update failed") as caught:
        git.push(here.root, "origin", write(here, head), "main", head, token=writer)
    assert caught.value.exit_code == 3
    assert hosted.existing("main") == head


def test_a_branch_that_moves_between_greeting_and_push_is_not_overwritten(
    here: GitRepo, hosted: HostedRepository, remote: GitRemote, writer: git.Token
) -> None:
    head = hosted.existing("main")
    remote.before_next_push(lambda: hosted.commit("main", {"theirs": b"x"}))

    with pytest.raises(EvidenceError, match="has moved"):
        git.push(here.root, "origin", write(here, head), "main", head, token=writer)
    assert set(hosted.files("main")) == {"README.md", "theirs"}


def test_a_repository_that_is_not_there_is_an_error(
    here: GitRepo, remote: GitRemote, writer: git.Token
) -> None:
    address = remote.address().replace("/prompts", "/none")
    with pytest.raises(ConfigError, match="no such repository"):
        git.remote_head(here.root, address, "main", token=writer)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (Response(500), OutageError),
        (Response(502, b"<html>bad gateway</html>"), OutageError),
        (Response(503), OutageError),
        (Response(429), OutageError),
        (DROPPED, OutageError),
        (Response(401, b"", (("www-authenticate", 'Basic realm="x"'),)), ConfigError),
        (Response(403), ConfigError),
        (Response(404), ConfigError),
    ],
)
def test_answers_of_a_server_are_told_apart(
    here: GitRepo, response: Response, kind: type[LandraceError]
) -> None:
    with Server(lambda _: response) as server, pytest.raises(kind):
        git.remote_head(here.root, f"{server.url}/x", "main", token=git.Token("t"))


def test_a_token_does_not_follow_to_another_address(here: GitRepo) -> None:
    seen: list[Request] = []

    def other(request: Request) -> Response:
        seen.append(request)
        return Response(404)

    with Server(other) as thief:
        moved = Response(301, b"", (("location", f"{thief.url}/x/info/refs"),))
        with Server(lambda _: moved) as server, pytest.raises(ConfigError):
            git.remote_head(here.root, f"{server.url}/x", "main", token=git.Token("t"))
    assert seen == []


def test_a_token_is_not_sent_where_the_users_replacement_of_an_address_did_not_lead(
    here: GitRepo, tmp_path: Path
) -> None:
    """The header is for the address that git really asks, and for that alone."""
    seen: list[str | None] = []

    def answer(request: Request) -> Response:
        seen.append(request.headers.get("authorization"))
        return Response(404)

    with Server(answer) as server:
        (tmp_path / ".gitconfig").write_text(
            f'[url "{server.url}/"]\n\tinsteadOf = https://forge.invalid/\n'
        )
        with pytest.raises(ConfigError):
            git.remote_head(here.root, "https://forge.invalid/x", "main", token=git.Token("t"))
    assert seen
    assert all(header and header.startswith("Basic ") for header in seen)


def test_a_push_whose_answer_got_lost_is_found_to_have_happened(
    here: GitRepo, hosted: HostedRepository, remote: GitRemote, writer: git.Token
) -> None:
    head = hosted.existing("main")
    made = write(here, head)

    with Server(_losing(remote, "git-receive-pack")) as server:
        address = f"{server.url}/ada/prompts"
        git.push(here.root, address, made, "main", head, token=writer)
    assert hosted.existing("main") == made


def _losing(remote: GitRemote, what: str) -> Callable[[Request], Response]:
    """What the remote answers, but that the answer to a POST of ``what`` does not arrive."""

    def answer(request: Request) -> Response:
        response = remote._answer(request)
        lost = request.method == "POST" and request.path.endswith(what)
        return DROPPED if lost else response

    return answer


def test_a_push_that_did_not_arrive_is_an_outage(
    here: GitRepo, hosted: HostedRepository, remote: GitRemote, writer: git.Token
) -> None:
    head = hosted.existing("main")

    def answer(request: Request) -> Response:
        if request.method == "POST" and request.path.endswith("git-receive-pack"):
            return DROPPED
        return remote._answer(request)

    made = write(here, head)
    with Server(answer) as server, pytest.raises(OutageError):
        git.push(here.root, f"{server.url}/ada/prompts", made, "main", head, token=writer)
    assert hosted.existing("main") == head


# --- tokens ---


@pytest.mark.parametrize("value", ["", "a b", "a\nb", "a\r\nX: y", "ä", "a\0"])
def test_a_token_that_would_change_the_header_is_an_error_that_does_not_show_it(
    value: str,
) -> None:
    with pytest.raises(ConfigError) as caught:
        git.Token(value)
    assert not value or value not in str(caught.value)
    with pytest.raises(ConfigError, match="user name"):
        git.Token("t", value or "a:b")


def test_a_token_crosses_no_network_unencrypted() -> None:
    token = git.Token("t")
    for address in (
        "http://forge.example/x",
        "http://10.0.0.1/x",
        "http://localhost.evil.example/x",
    ):
        with pytest.raises(ConfigError, match="not sent over http"):
            token_variables(address, token)
    for address in ("http://localhost:1/x", "http://127.0.0.1/x", "http://[::1]/x"):
        assert token_variables(address, token)


@pytest.mark.parametrize("address", ["git@host:x.git", "ssh://git@host/x", "file:///x", "/x"])
def test_a_token_is_for_http_alone(address: str) -> None:
    assert token_variables(address, git.Token("t")) == {}


def test_variables_name_the_address_without_a_user_and_come_after_those_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    variables = token_variables("https://bot@host:8443/a/b.git", git.Token("t", "oauth2"))
    assert variables["GIT_CONFIG_COUNT"] == "6"
    assert variables["GIT_CONFIG_KEY_2"] == "http.https://host:8443/a/b.git.extraHeader"
    assert variables["GIT_CONFIG_VALUE_2"] == ""
    login = base64.b64encode(b"oauth2:t").decode()
    assert variables["GIT_CONFIG_VALUE_3"] == f"Authorization: Basic {login}"
    assert os.environ["GIT_CONFIG_COUNT"] == "2"
