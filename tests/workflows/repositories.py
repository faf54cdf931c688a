"""A real git repository with the prompt of `worlds`, for workflow tests."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

from worlds import CONFIG, SOURCE, cases

from landrace.store.project import Project

if TYPE_CHECKING:
    from pathlib import Path


PIPELINE = """\
prompts: ["*"]
models: [fake/pupil, fake/twin]
budget: {calls: 600}
"""

IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "Test"),
        ("EMAIL", "test@example.com"),
        ("DATE", "2026-01-01T00:00:00+0000"),
    )
}


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **IDENTITY},
    ).stdout


def commit(root: Path, message: str = "work") -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


def write_prompt(root: Path, name: str = "colours") -> None:
    folder = root / "prompts" / name
    folder.mkdir(parents=True)
    (folder / "prompt.yaml").write_text(
        json.dumps(CONFIG.model_dump(mode="json", by_alias=True, exclude_none=True))
    )
    (folder / "prompt.jinja").write_text(SOURCE)
    with (folder / "cases.jsonl").open("w") as lines:
        for case in cases("word", 150):
            lines.write(json.dumps(case.model_dump(include={"id", "inputs", "expected"})) + "\n")


def repository(root: Path, pipeline: str = PIPELINE) -> Project:
    root.mkdir(exist_ok=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    write_prompt(root)
    (root / "pipelines").mkdir()
    (root / "pipelines" / "all.yaml").write_text(pipeline)
    (root / ".gitignore").write_text(".landrace/\n")
    commit(root, "a prompt")
    return Project(root)


def registry_bytes(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "registry").rglob("*"))
        if path.is_file()
    }
