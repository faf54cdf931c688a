"""A project on a fake GitHub, a clone of it, and runs of the watch."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from forge.fixtures import github, hosted, runs, started, tokens
from landrace import git
from landrace.forge import github as github_client
from landrace.workflows.model_proposal import BRANCH, Base, propose
from landrace.workflows.model_watch import watch_commit
from model_lists import KNOWN, PIPELINE, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from forge.fake_github import FakeGitHub
    from forge.hosted import HostedRepository
    from forge.runs import Runs
    from landrace.forge.github import GitHub
    from landrace.gateway.known_models import KnownModel
    from landrace.workflows.model_proposal import Hub, Proposed

__all__ = ["github", "hosted", "runs", "started", "tokens"]  # pytest finds fixtures by name

SHOP = "pipelines/shop.yaml"


@dataclass(frozen=True)
class Shop:
    """The project ``hosted`` with one pipeline; ``root`` is a clone, as a job has it."""

    hosted: HostedRepository
    github: FakeGitHub
    client: GitHub
    root: Path

    def base(self) -> Base:
        """The default branch as it is now, fetched."""

        def fetch(branch: str) -> str:
            return git.fetch(self.root, "origin", [branch])[branch]

        return Base(self.root, "main", fetch("main"), fetch)

    def run(self, table: Iterable[KnownModel] = KNOWN, hub: Hub | None = None) -> Proposed:
        """One run of the watch."""
        base = self.base()
        findings = watch_commit(self.root, base.commit, table, TODAY)
        return propose(findings, base, hub or self.client)

    def main(self, **files: str) -> str:
        """Somebody changes pipelines on the default branch."""
        return self.commit("main", {f"pipelines/{name}.yaml": t for name, t in files.items()})

    def commit(self, branch: str, files: dict[str, str], message: str = "a change") -> str:
        data = {path: text.encode() for path, text in files.items()}
        return self.hosted.commit(branch, data, message)

    def proposed(self, path: str = SHOP) -> str:
        """A file as it is on our branch."""
        return self.hosted.files(BRANCH)[path].decode()

    def own_commits(self) -> list[str]:
        """What our branch has and the default branch has not, newest first."""
        return self.hosted.git("rev-list", f"refs/heads/{BRANCH}", "^refs/heads/main").splitlines()

    def close(self, number: int, *, merged: bool = False) -> None:
        pull = self.github.pulls[number]
        if merged:
            oid = self.hosted.merge("main", BRANCH)
            assert oid is not None
            self.hosted.git("update-ref", "refs/heads/main", oid)
            pull.merged_at = "2026-11-22T00:00:00Z"
        pull.state = "closed"

    def open(self) -> list[int]:
        return [pull.number for pull in self.github.pulls.values() if pull.state == "open"]


@pytest.fixture
def shop(
    github: FakeGitHub, runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    hosted = github.repository
    files = {SHOP: PIPELINE, "prompts/answers/prompt.jinja": "Hi", "prompts/routes/x": "x"}
    hosted.commit("main", {path: text.encode() for path, text in files.items()})
    root = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(hosted.path), str(root)], check=True)
    token = github.tokens.make(contents="write", pull_requests="write")
    environ = runs.schedule() | {"GITHUB_TOKEN": token}
    with github_client.connect(environ, sleep=lambda _: None) as client:
        yield Shop(hosted, github, client, root)
