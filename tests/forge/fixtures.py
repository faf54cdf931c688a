"""Fixtures of a forge; a conftest takes all of them with ``from forge.fixtures import …``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forge.fake_github import FakeGitHub
from forge.git_remote import GitRemote
from forge.hosted import HostedRepository
from forge.runs import Runs
from forge.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `hosted` is copied from: making it takes a dozen processes."""
    folder = tmp_path_factory.mktemp("started") / "forge"
    HostedRepository(folder).commit("main", {"README.md": b"prompts\n"}, "start")
    return folder


@pytest.fixture
def hosted(tmp_path: Path, started: Path) -> HostedRepository:
    """The repository ``ada/prompts`` with one commit on ``main``."""
    return HostedRepository(Path(shutil.copytree(started, tmp_path / "forge")))


@pytest.fixture
def tokens() -> Tokens:
    """The tokens that the API and the git remote know."""
    return Tokens()


@pytest.fixture
def github(hosted: HostedRepository, tokens: Tokens) -> Iterator[FakeGitHub]:
    """A GitHub over ``hosted``. The test fails if anything was said that is not in the contract."""
    with FakeGitHub(hosted, tokens=tokens) as made:
        yield made
    assert made.violations == []
    assert made.weather.is_over


@pytest.fixture
def remote(hosted: HostedRepository, tokens: Tokens) -> Iterator[GitRemote]:
    """``hosted`` over HTTP."""
    with GitRemote(hosted, tokens) as made:
        yield made


@pytest.fixture
def runs(github: FakeGitHub, tmp_path: Path) -> Runs:
    """Runs of ``github``."""
    return Runs(github, tmp_path / "runs")
