"""Repositories and bare remotes, apart from whoever runs the tests."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace.git.command import user_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No repository or configuration of whoever runs the tests, not even inside a git hook."""
    proxies = {"http_proxy", "https_proxy", "all_proxy"}
    for name in [n for n in os.environ if n.startswith("GIT_") or n.lower() in proxies]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    user_settings.cache_clear()
    yield
    user_settings.cache_clear()


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """With one commit of `README.md` on main."""
    made = GitRepo.make(tmp_path / "repo")
    made.write("README.md", "hello\n")
    made.commit("first")
    return made


@pytest.fixture
def bare(tmp_path: Path, repo: GitRepo) -> GitRepo:
    """A bare clone of `repo`, which is the remote `origin` of it."""
    root = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(repo.root), str(root)], check=True)
    repo.git("remote", "add", "origin", root.as_uri())
    return GitRepo(root)


@pytest.fixture
def clone(tmp_path: Path, bare: GitRepo) -> GitRepo:
    """Somebody else's clone of `bare`."""
    root = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", bare.root.as_uri(), str(root)], check=True)
    return GitRepo(root)
