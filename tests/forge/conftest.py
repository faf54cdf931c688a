"""A repository on a forge, runs of it, and a client of each forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from forge.fake_gitlab import FakeGitLab
from forge.fixtures import github, hosted, remote, runs, started, tokens
from landrace.forge import github as github_client
from landrace.forge import gitlab as gitlab_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forge.fake_github import FakeGitHub
    from forge.runs import Runs
    from landrace.forge.github import GitHub
    from landrace.forge.gitlab import GitLab

__all__ = [
    "github",
    "hosted",
    "remote",
    "runs",
    "started",
    "tokens",
]  # pytest finds fixtures by name


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback interface is not behind the developer's proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def slept() -> list[float]:
    """The pauses that the clients have made, in seconds; nobody waits for them."""
    return []


@pytest.fixture
def token(github: FakeGitHub) -> str:
    """A token that may do all that landrace does."""
    return github.tokens.make(contents="write", pull_requests="write", statuses="write")


@pytest.fixture
def client(runs: Runs, token: str, slept: list[float]) -> Iterator[GitHub]:
    environ = runs.schedule() | {"GITHUB_TOKEN": token}
    with github_client.connect(environ, sleep=slept.append) as made:
        yield made


@pytest.fixture
def number(github: FakeGitHub) -> int:
    """An open pull request from the branch ``feature``, one commit ahead of ``main``."""
    template = {"prompts/a/prompt.jinja": b"Say {{ word }}.\n"}
    github.repository.commit("feature", template, "ask", start="main")
    return github.open_pull("feature")


@pytest.fixture
def gitlab() -> Iterator[FakeGitLab]:
    with FakeGitLab() as made:
        yield made
    assert made.violations == []
    assert made.weather.is_over


@pytest.fixture
def gitlab_client_of(gitlab: FakeGitLab, slept: list[float]) -> Iterator[GitLab]:
    with gitlab_client.connect(gitlab.environment(), sleep=slept.append) as made:
        yield made
