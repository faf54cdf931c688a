"""A run that is killed anywhere leaves the branch untouched or complete."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from git_repo import GitRepo

# Commits and pushes as a pipeline does, and is killed before or after its n-th call of git.
RUN = """
import os, signal, sys
from pathlib import Path
from landrace import git
from landrace.git import command

root, at, when = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
execute = command._execute
calls = 0

def killing(*arguments):
    global calls
    calls += 1
    if calls == at and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = execute(*arguments)
    if calls == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

command._execute = killing
bot = git.Author("Bot", "bot@example.org")
head = git.fetch(root, "origin", ["main"])["main"]
files = {f"registry/a/{n}": b"x" for n in range(5)}
made = git.write_commit(root, parent=head, files=files, message="bot", author=bot)
if made:
    git.push(root, "origin", made, "main", head)
"""


def run(root: Path, at: int, when: str = "before") -> int:
    command = [sys.executable, "-c", RUN, str(root), str(at), when]
    return subprocess.run(command, check=False, start_new_session=True).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_call_of_git_leaves_the_branch_untouched_or_complete(
    repo: GitRepo, bare: GitRepo, when: str
) -> None:
    start = bare.git("rev-parse", "main")
    work_tree, killed, done = repo.tree(), 0, 0
    at = 1
    while (status := run(repo.root, at, when)) != 0:
        assert status == -signal.SIGKILL
        killed += 1
        at += 1
        tip = bare.git("rev-parse", "main")
        if tip != start:
            done += 1
            assert bare.git("ls-tree", "-r", "--name-only", tip, "registry").split() == [
                f"registry/a/{n}" for n in range(5)
            ]
            assert bare.git("rev-parse", "main~1") == start
            bare.git("update-ref", "refs/heads/main", start)
        assert repo.tree() == work_tree
        assert repo.git("status", "--porcelain") == ""
        assert not list((repo.root / ".git").rglob("*.lock"))
    assert killed > 10
    assert done == (1 if when == "after" else 0)
    assert bare.git("rev-parse", "main~1") == start


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
@pytest.mark.parametrize("place", ["pre-receive", "update", "post-receive"])
def test_a_kill_while_the_remote_decides_leaves_the_branch_untouched_or_complete(
    repo: GitRepo, bare: GitRepo, tmp_path: Path, place: str
) -> None:
    start = bare.git("rev-parse", "main")
    pid = tmp_path / "pid"
    # The hook kills whoever pushes, as a runner kills a cancelled job with all its processes.
    bare.write(f"hooks/{place}", f'#!/bin/sh\nkill -9 -"$(cat {pid})"\n').chmod(0o755)
    code = f"open({str(pid)!r}, 'w').write(str(__import__('os').getpid()))\n{RUN}"
    command = [sys.executable, "-c", code, str(repo.root), "0", "before"]
    killed = subprocess.run(command, check=False, start_new_session=True)

    assert killed.returncode == -signal.SIGKILL
    (bare.root / "hooks" / place).unlink()
    assert bare.git("rev-list", "--count", "main") in {"1", "2"}
    assert bare.git("fsck", "--connectivity-only", "--no-dangling") == ""
    assert run(repo.root, 0) == 0  # and the next run finishes, or finds it finished
    assert bare.git("rev-parse", "main~1") == start
