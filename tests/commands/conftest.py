from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from git_repo import GitRepo
from landrace.cli import cli
from pinned import pretend_pulled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    """An empty repository, which is the working directory; the default model is fetched."""
    pretend_pulled(tmp_path / "cache", monkeypatch)
    made = GitRepo.make(tmp_path / "repo")
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def landrace() -> Callable[..., Result]:
    """Runs a command in this process; anything but an exit is a failure of the test."""

    def run(*arguments: str) -> Result:
        return CliRunner(catch_exceptions=False).invoke(cli, arguments)

    return run
