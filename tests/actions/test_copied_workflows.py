"""The workflows as docs/github.md tells to copy them need no file of this repository."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from workflow_file import ROOT, parsed, read, set_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKFLOWS = [".github/workflows/prompts.yml", ".github/workflows/models.yml"]
# Stands for Python: `python3 -m venv FOLDER` makes another that says what pip is told.
PYTHON = """\
#!/bin/sh
mkdir -p "$3/bin"
ln -sf /bin/echo "$3/bin/python"
"""


def ours(workflow: str) -> Iterator[dict[str, Any]]:
    """The steps that run landrace."""
    for job in parsed(workflow)["jobs"].values():
        yield from (step for step in job["steps"] if "step" in step.get("with", {}))


def pip_is_told(step: dict[str, Any], folder: Path) -> list[str]:
    """What a step's first script hands to pip on a runner without landrace."""
    python = folder / "python3"
    python.write_text(PYTHON)
    python.chmod(0o755)
    inputs = {name: one.get("default", "") for name, one in read("action.yml")["inputs"].items()}
    inputs |= step["with"]
    environment = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "RUNNER_TEMP": str(folder),
        "PACKAGE": inputs["package"],
        "CONSTRAINTS": inputs["constraints"],
    }
    install = read("action.yml")["runs"]["steps"][0]
    assert install["env"].keys() <= environment.keys()
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", install["run"]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize("path", WORKFLOWS)
def test_a_copy_installs_a_release_with_nothing_out_of_the_checkout(
    path: str, tmp_path: Path
) -> None:
    steps = list(ours(set_up((ROOT / path).read_text())))
    assert steps
    for step in steps:
        assert step["uses"].startswith("OWNER/landrace@")
        *options, package = pip_is_told(step, tmp_path)
        assert re.fullmatch(r"landrace\[(pipeline|local)\]==0\.1\.0", package)
        assert options == ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


@pytest.mark.parametrize("path", WORKFLOWS)
def test_here_it_installs_the_checkout_as_it_is_pinned(path: str, tmp_path: Path) -> None:
    for step in ours((ROOT / path).read_text()):
        *options, package = pip_is_told(step, tmp_path)
        assert package.startswith(".[")
        assert options[-2:] == ["--constraint", "constraints.txt"]
        assert (ROOT / options[-1]).exists()


@pytest.mark.parametrize("page", ["github", "models"])
def test_the_pages_name_each_key_that_a_copy_changes(page: str) -> None:
    text = (ROOT / f"docs/{page}.md").read_text()
    assert all(f"`{key}:" in text for key in ("uses", "package", "constraints"))
