"""A repository as a forge keeps it: a real bare git repository with protected branches."""

from __future__ import annotations

import os
import subprocess
import threading
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_START = 1_772_366_400  # 2026-03-01 12:00 UTC, in seconds since 1970

# Runs for every push, also one to a path; the fake API asks `is_protected` itself.
_HOOK = """\
#!/bin/sh
while read -r old new ref; do
  if grep --quiet --line-regexp --fixed-strings "$ref" "$GIT_DIR/protected"; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
  fi
done
"""


class StaleError(Exception):
    """The branch is not where the commit expects it."""


class NoSuchPathError(Exception):
    """A path that is to be deleted is not there."""


class HostedRepository:
    """The bare repository ``<folder>/<owner>/<name>.git``, made unless it is there."""

    def __init__(self, folder: Path, full_name: str = "ada/prompts") -> None:
        self.folder = folder
        self.full_name = full_name
        self.path = folder / f"{full_name}.git"
        self._clock = count(_START)
        self._lock = threading.Lock()
        if not self.path.exists():
            self._make()

    def _make(self) -> None:
        self.path.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", "--template=")
        for setting in ("receive.denyNonFastForwards", "uploadpack.allowAnySHA1InWant"):
            self.git("config", setting, "true")
        (self.path / "protected").write_text("")
        hook = self.path / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o755)

    def git(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """The output of git in the repository, without its last line end."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **_ENVIRONMENT, "GIT_DIR": str(self.path), **(env or {})},
            input=stdin,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().rstrip("\n")

    def protect(self, branch: str) -> None:
        with (self.path / "protected").open("a") as file:
            file.write(f"refs/heads/{branch}\n")

    def is_protected(self, branch: str) -> bool:
        return f"refs/heads/{branch}" in (self.path / "protected").read_text().splitlines()

    def take(self, repository: Path, ref: str = "HEAD", branch: str = "main") -> str:
        """Fetch a commit of another repository to a branch, whatever that was; its id."""
        self.git("fetch", "--quiet", str(repository), f"+{ref}:refs/heads/{branch}")
        return self.existing(branch)

    def head(self, ref: str) -> str | None:
        """The commit of a branch, a full ref or an id; None where there is none."""
        for name in ([] if ref.startswith("refs/") else [f"refs/heads/{ref}"]) + [ref]:
            try:
                return self.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            except subprocess.CalledProcessError:
                continue
        return None

    def existing(self, ref: str) -> str:
        found = self.head(ref)
        assert found, f"there is no {ref}"
        return found

    def files(self, ref: str) -> dict[str, bytes]:
        return {name: self._blob(ref, name) for name in self._names(self.existing(ref))}

    def message(self, ref: str) -> str:
        return self.git("log", "-1", "--format=%B", self.existing(ref)).rstrip("\n")

    def parents(self, ref: str) -> list[str]:
        return self.git("log", "-1", "--format=%P", self.existing(ref)).split()

    def history(self, ref: str) -> list[str]:
        """The commits of a branch, newest first."""
        return self.git("rev-list", self.existing(ref)).splitlines()

    def commit(
        self,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str = "a change",
        *,
        expected: str | None = None,
        author: str = "Ada Example",
        start: str | None = None,
    ) -> str:
        """A new commit on a branch, which is made at ``start``; None for a file removes it.

        Raises:
            StaleError: the branch is not at ``expected``.
            NoSuchPathError: a file to remove is not there.
        """
        if start:
            self.git("update-ref", f"refs/heads/{branch}", self.existing(start), "0" * 40)
        head = self.head(branch)
        expected = expected or head
        if head != expected:
            raise StaleError
        with self._lock:
            oid = self._write(head, files, message, author)
        try:
            self.git("update-ref", f"refs/heads/{branch}", oid, expected or "0" * 40)
        except subprocess.CalledProcessError as error:
            raise StaleError from error
        return oid

    def _write(
        self, head: str | None, files: Mapping[str, bytes | None], message: str, author: str
    ) -> str:
        index = {"GIT_INDEX_FILE": str(self.path / "scratch-index")}
        self.git("read-tree", *([head] if head else ["--empty"]), env=index)
        known = self._names(head) if head else []
        for path, content in files.items():
            if content is not None:
                blob = self.git("hash-object", "-w", "--stdin", stdin=content)
                self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
            elif path in known:
                gone = f"0 {'0' * 40}\t{path}\n".encode()
                self.git("update-index", "--index-info", stdin=gone, env=index)
            else:
                raise NoSuchPathError(path)
        tree = self.git("write-tree", env=index)
        return self.commit_tree(tree, [head] if head else [], message, author)

    def commit_tree(self, tree: str, parents: list[str], message: str, author: str) -> str:
        """A commit object on no branch."""
        options = [word for parent in parents for word in ("-p", parent)]
        moment = f"{next(self._clock)} +0000"
        env = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
        return self.git("commit-tree", tree, *options, stdin=message.encode(), env=env)

    def merge(self, ours: str, theirs: str, message: str = "") -> str | None:
        """A merge commit on no branch; None where the two are in conflict."""
        one, other = self.existing(ours), self.existing(theirs)
        try:
            tree = self.git("merge-tree", "--write-tree", one, other).splitlines()[0]
        except subprocess.CalledProcessError:
            return None
        message = message or f"Merge {other} into {one}"
        return self.commit_tree(tree, [one, other], message, "GitHub")

    def _names(self, oid: str) -> list[str]:
        return [
            name for name in self.git("ls-tree", "-r", "--name-only", "-z", oid).split("\0") if name
        ]

    def _blob(self, ref: str, path: str) -> bytes:
        command = ["git", "cat-file", "blob", f"{self.existing(ref)}:{path}"]
        return subprocess.run(command, cwd=self.path, capture_output=True, check=True).stdout


_ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "GitHub",
    "GIT_COMMITTER_EMAIL": "noreply@github.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
