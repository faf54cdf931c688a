"""The workflows and the action, read by zizmor as its strictest persona and by their schemas."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
BIN = Path(sys.executable).parent


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / name), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_zizmor_finds_nothing() -> None:
    done = tool(
        "zizmor", "--offline", "--persona", "auditor", "--no-progress", ".github", "action.yml"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_zizmor_is_told_to_ignore_has_its_reason_above_it() -> None:
    for path in [*WORKFLOWS, ROOT / "action.yml"]:
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if "zizmor: ignore" in line:
                assert lines[number - 1].lstrip().startswith("# "), f"{path.name}:{number + 1}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_fits_its_schema(path: Path) -> None:
    done = tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_fits_its_schema() -> None:
    done = tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    for uses in re.findall(r"(?m)^[ -]*uses: (\S+)", path.read_text()):
        assert uses == "./" or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", uses), uses
