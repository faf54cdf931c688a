"""The three ways onto a branch, on real repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from git_repo import GitRepo
from landrace import git
from landrace.errors import EvidenceError, RefusedError
from landrace.workflows.pull_request.land import Commit
from landrace.workflows.pull_request.landings import Api, Here, Push, Remote
from landrace.workflows.pull_request.message import Message
from pull_request_world import CELL

if TYPE_CHECKING:
    from pathlib import Path

    from landrace.forge.base import NewCommit

BOT = git.Author("bot", "bot@example.org")
MESSAGE = Message("Pin it", "- it\n\nLandrace-Evidence: x\nLandrace-Run: run-1")
FILES = {f"{CELL}/evidence.json": b"{}\n"}


@pytest.fixture
def remote(reworded, tmp_path) -> tuple[GitRepo, Remote]:
    """A bare repository that has both branches, and a clone's view of it."""
    bare = tmp_path / "remote.git"
    reworded.world.repo.git("clone", "--quiet", "--bare", ".", str(bare))
    reworded.world.repo.git("remote", "add", "origin", bare.as_uri())
    return GitRepo(bare), Remote(reworded.world.root, "origin", "change")


def somebody_pushes(bare: GitRepo, tmp_path, file: str = "README.md") -> str:
    other = tmp_path / "other"
    bare.git("clone", "--quiet", "--branch", "change", str(bare.root), str(other))
    repo = GitRepo(other)
    repo.write(file, "theirs")
    commit = repo.commit("Theirs")
    repo.git("push", "--quiet", "origin", "change")
    return commit


def test_here_the_work_tree_follows(reworded):
    world, results = reworded
    landed = Commit(world.root, "main", Here(world.root, BOT)).run(results)
    assert landed.commit == git.head_commit(world.root)
    assert world.read(f"{CELL}/pin.json") == results.cells[0].files["pin.json"]
    assert world.repo.git("status", "--porcelain") == ""
    assert world.repo.git("log", "-1", "--format=%an <%ae>") == "bot <bot@example.org>"


def test_here_an_edited_file_in_the_way_keeps_all_as_it_was(reworded):
    world, results = reworded
    world.repo.write(f"{CELL}/pin.json", "mine")
    before = world.repo.tree()
    head = git.head_commit(world.root)
    with pytest.raises(RefusedError, match="the work tree has changes"):
        Commit(world.root, "main", Here(world.root, BOT)).run(results)
    assert world.repo.tree() == before
    assert git.head_commit(world.root) == head


LEFT = ("old.jinja", "old.jsonl", "choices.json", "evidence.json.sig")


@pytest.mark.parametrize("how", ["here", "push", "forge"])
def test_what_an_older_pin_left_behind_goes_with_it(reworded, remote, tmp_path, how):
    world, results = reworded
    bare, place = remote
    for name in (*LEFT, "prompt.jinja"):
        world.repo.write(f"{CELL}/{name}", "old\n")
    world.commit()
    world.repo.git("push", "--quiet", "origin", "change")
    landings = {
        "here": lambda: Here(world.root, BOT),
        "push": lambda: Push(place, BOT),
        "forge": lambda: Api(place, Forge(bare, tmp_path / "forge").commit),
    }
    landed = Commit(world.root, "main", landings[how]()).run(results)
    names = world.repo.git("ls-tree", "--name-only", landed.commit, f"{CELL}/").splitlines()
    assert set(names) == {f"{CELL}/{name}" for name in results.cells[0].files}


def test_nothing_new_is_no_commit(reworded):
    world, _ = reworded
    here = Here(world.root, BOT)
    made = here.land(here.head(), FILES, MESSAGE)
    with pytest.raises(EvidenceError, match="has all this already"):
        here.land(made, FILES, MESSAGE)


def test_a_push_moves_the_remotes_branch_and_nothing_here(reworded, remote):
    world, results = reworded
    bare, place = remote
    head = git.head_commit(world.root)
    landed = Commit(world.root, "main", Push(place, BOT)).run(results)
    assert bare.git("rev-parse", "change") == landed.commit
    assert bare.git("rev-parse", "change~1") == head
    assert git.head_commit(world.root) == head
    assert world.repo.git("status", "--porcelain") == ""


def test_a_push_builds_on_what_others_pushed(reworded, remote, tmp_path):
    world, results = reworded
    bare, place = remote
    theirs = somebody_pushes(bare, tmp_path)
    landed = Commit(world.root, "main", Push(place, BOT)).run(results)
    assert bare.git("rev-parse", f"{landed.commit}~1") == theirs


def test_a_push_that_lost_a_race_is_made_again_on_top(reworded, remote, tmp_path):
    world, results = reworded
    bare, place = remote
    raced = []

    class Raced(Push):
        def land(self, parent, files, message):
            if not raced:
                raced.append(somebody_pushes(bare, tmp_path))
            return super().land(parent, files, message)

    landed = Commit(world.root, "main", Raced(place, BOT)).run(results)
    assert bare.git("rev-parse", f"{landed.commit}~1") == raced[0]
    assert bare.git("log", "--format=%s", "main..change").splitlines() == [
        "Pin 1 better variant",
        "Theirs",
        "change",
    ]


def test_a_push_never_forces(reworded, remote, tmp_path):
    """What somebody pushed between the look and the push stays."""
    bare, place = remote
    push = Push(place, BOT)
    seen = push.head()
    theirs = somebody_pushes(bare, tmp_path)
    with pytest.raises(EvidenceError, match="has moved"):
        push.land(seen, FILES, MESSAGE)
    assert bare.git("rev-parse", "change") == theirs


def test_a_push_that_a_rule_of_the_remote_refuses_changes_nothing(reworded, remote):
    world, results = reworded
    bare, place = remote
    hook = bare.root / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'protected branch' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = bare.git("rev-parse", "change")
    with pytest.raises(RefusedError, match="protected branch"):
        Commit(world.root, "main", Push(place, BOT)).run(results)
    assert bare.git("rev-parse", "change") == before


class Forge:
    """Commits as a forge does: on its own side, if the branch is where it was expected."""

    def __init__(self, bare: GitRepo, folder: Path) -> None:
        bare.git("clone", "--quiet", "--branch", "change", str(bare.root), str(folder))
        self._repo = GitRepo(folder)
        self.asked: list[NewCommit] = []

    def commit(self, new: NewCommit) -> str:
        self.asked.append(new)
        self._repo.git("fetch", "--quiet", "origin")
        if self._repo.git("rev-parse", f"origin/{new.branch}") != new.expected_head:
            raise EvidenceError("the branch has moved")
        self._repo.git("reset", "--quiet", "--hard", new.expected_head)
        self._repo.put({**dict.fromkeys(new.deletions), **new.additions})
        made = self._repo.commit(f"{new.headline}\n\n{new.body}")
        self._repo.git("push", "--quiet", "origin", f"HEAD:{new.branch}")
        return made


def test_a_forge_is_asked_once_and_its_commit_is_here_then(reworded, remote, tmp_path):
    world, results = reworded
    bare, place = remote
    forge = Forge(bare, tmp_path / "forge")
    landed = Commit(world.root, "main", Api(place, forge.commit)).run(results)
    (asked,) = forge.asked
    assert (asked.branch, asked.expected_head) == ("change", git.head_commit(world.root))
    assert asked.mark == "Landrace-Run: run-1"
    assert asked.mark in asked.body.splitlines()
    assert set(asked.additions) == {f"{CELL}/{name}" for name in results.cells[0].files}
    assert git.resolve(world.root, landed.commit) == landed.commit
    assert bare.git("rev-parse", "change") == landed.commit
    with world.opened(head=landed.commit) as change:
        assert change.scope.work == ()


def test_a_forges_branch_that_moved_is_tried_again(reworded, remote, tmp_path):
    world, results = reworded
    bare, place = remote
    forge = Forge(bare, tmp_path / "forge")
    raced = []

    def commit(new):
        if not raced:
            raced.append(somebody_pushes(bare, tmp_path))
        return forge.commit(new)

    landed = Commit(world.root, "main", Api(place, commit)).run(results)
    assert len(forge.asked) == 2
    assert bare.git("rev-parse", f"{landed.commit}~1") == raced[0]
