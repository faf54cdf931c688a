"""A real git repository in a temporary folder, for tests of commands and workflows."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Example",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-03-01T12:00:00+00:00",
    "GIT_COMMITTER_DATE": "2026-03-01T12:00:00+00:00",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class GitRepo:
    root: Path

    @classmethod
    def make(cls, root: Path) -> GitRepo:
        root.mkdir(exist_ok=True)
        repo = cls(root)
        repo.git("init", "--quiet", "--initial-branch=main")
        return repo

    def git(self, *arguments: str) -> str:
        result = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**os.environ, **_ENVIRONMENT},
            capture_output=True,
            text=True,
            check=True,
        )
        return result.stdout.strip()

    def write(self, path: str, text: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode("utf-8") if isinstance(text, str) else text
        target.write_bytes(data)
        return target

    def put(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write these files, and remove those of None."""
        for path, data in files.items():
            if data is None:
                (self.root / path).unlink()
            else:
                self.write(path, data)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text that must be there."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new, 1))

    def commit(self, subject: str = "change") -> str:
        """Commit everything; the full id of the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)
        return self.git("rev-parse", "HEAD")

    def tree(self) -> dict[str, bytes | None]:
        """Every path but git's own, with its bytes; None for folders and links."""
        return {
            str(path.relative_to(self.root)): (
                path.read_bytes() if path.is_file() and not path.is_symlink() else None
            )
            for path in self.root.rglob("*")
            if ".git" not in path.relative_to(self.root).parts
        }
