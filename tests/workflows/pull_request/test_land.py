"""Getting accepted cells onto a branch: one commit, all or nothing, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from kinds import WHOLE

from dying import Killed
from landrace.errors import EvidenceError, RefusedError
from landrace.workflows.pull_request.land import TRIES, Commit, Landed
from pull_request_world import CELL, RUN, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landrace.workflows.pull_request.message import Message


class Branch:
    """The checked-out branch as a landing, with something that happens at its steps."""

    def __init__(self, world: World, **at: Callable[[], object]) -> None:
        self._world = world
        self._at = at
        self.landed: list[Mapping[str, bytes | None]] = []
        self.messages: list[Message] = []

    def head(self) -> str:
        self._happens("head")
        return self._world.repo.git("rev-parse", "HEAD")

    def land(self, parent: str, files: Mapping[str, bytes | None], message: Message) -> str:
        self._happens("before")
        if self._world.repo.git("rev-parse", "HEAD") != parent:
            raise EvidenceError("the branch has moved")
        self._world.repo.put(files)
        made = self._world.commit(message.text)
        self.landed.append(files)
        self.messages.append(message)
        self._happens("after")
        return made

    def _happens(self, step: str) -> None:
        if step in self._at:
            self._at.pop(step)()


def run(world: World, results, branch: Branch | None = None, **options) -> Landed:
    dry = options.pop("dry", False)
    landing = branch or Branch(world)
    return Commit(world.root, "main", landing, **options).run(results, dry=dry)


def log(world: World) -> list[str]:
    return world.repo.git("log", "--format=%s", "main..HEAD").splitlines()


def test_it_lands_as_one_commit_that_says_what_won(reworded):
    world, results = reworded
    landed = run(world, results)
    assert landed.is_new
    assert landed.commit == world.repo.git("rev-parse", "HEAD")
    assert log(world) == ["Pin 1 better variant", "change"]
    assert world.repo.git("log", "-1", "--format=%(trailers:key=Landrace-Run,valueonly)") == RUN
    assert world.gate_offline().exit_code == 0


def test_a_dry_run_checks_and_says_but_lands_nothing(reworded):
    world, results = reworded
    branch = Branch(world)
    landed = run(world, results, branch, dry=True)
    assert (landed.commit, landed.is_new, branch.landed) == (None, False, [])
    assert landed.message.headline == "Pin 1 better variant"
    tampered = results.model_copy(update={"head": "0" * 40, "cells": results.cells * 2})
    with pytest.raises(EvidenceError):
        run(world, tampered, branch, dry=True)


def test_a_repeated_run_makes_no_second_commit(reworded):
    world, results = reworded
    first = run(world, results)
    again = run(world, results)
    assert (again.commit, again.is_new, again.cells) == (first.commit, False, ())
    assert len(log(world)) == 2


def test_a_repeated_run_after_another_commit_makes_none_either(reworded):
    world, results = reworded
    run(world, results)
    world.repo.write("README.md", "x")
    newest = world.commit()
    assert run(world, results).commit == newest
    assert len(log(world)) == 3


def test_a_run_started_again_lands_what_it_could_not_finish_at_first(tmp_path):
    """Its name is the same: whoever runs a job again after an outage waits for just this."""
    world = World.make(tmp_path / "repo", models=("fake/pupil", "fake/twin"))
    world.template(51)
    world.commit()
    results = world.carry_out()
    first, second = (results.model_copy(update={"cells": (cell,)}) for cell in results.cells)
    assert run(world, first).is_new
    assert run(world, second).is_new
    assert not run(world, first).is_new
    assert world.todo() == {}
    assert world.gate_offline().exit_code == 0


def test_nothing_found_is_nothing_committed(reworded):
    world, results = reworded
    landed = run(world, results.model_copy(update={"cells": ()}))
    assert landed == Landed(None, None, (), is_new=False)
    assert len(log(world)) == 1


def test_an_irrelevant_commit_meanwhile_is_built_upon(reworded):
    world, results = reworded

    def push() -> None:
        world.repo.write("README.md", "somebody else")
        world.commit("Theirs")

    branch = Branch(world, before=push)
    assert run(world, results, branch).is_new
    assert log(world) == ["Pin 1 better variant", "Theirs", "change"]
    assert world.read("README.md") == "somebody else"


def test_another_prompts_commit_meanwhile_is_built_upon(reworded):
    world, results = reworded

    def push() -> None:
        world.prompt("paints", count=100)
        world.commit("Theirs")

    assert run(world, results, Branch(world, before=push)).is_new


@pytest.mark.parametrize(
    "push",
    [
        lambda world: world.template(77),
        lambda world: world.pipeline(**{**WHOLE, "seed": 6}),
        lambda world: world.repo.git("rm", "-r", "--quiet", "prompts/colours", "pipelines"),
        lambda world: world.config(splits={"seed": 9}),
    ],
    ids=["template", "pipeline", "removed", "splits"],
)
def test_a_commit_meanwhile_on_which_the_results_rest_drops_them(reworded, push):
    world, results = reworded

    def happens() -> None:
        push(world)
        world.commit("Theirs")

    branch = Branch(world, before=happens)
    with pytest.raises(EvidenceError):
        run(world, results, branch)
    assert log(world) == ["Theirs", "change"]
    assert branch.landed == []


def test_a_branch_that_moves_each_time_is_left_alone_in_the_end(reworded):
    world, results = reworded
    tries = []

    class Restless(Branch):
        def land(self, parent, files, message):
            tries.append(parent)
            self._world.repo.write("README.md", str(len(tries)))
            self._world.commit("Theirs")
            return super().land(parent, files, message)

    with pytest.raises(EvidenceError, match="the branch has moved"):
        run(world, results, Restless(world))
    assert len(set(tries)) == TRIES
    assert log(world) == ["Theirs"] * TRIES + ["change"]


def test_base_moving_meanwhile_drops_what_rests_on_it(reworded):
    world, results = reworded

    def happens() -> None:
        with world.on_main():
            world.pin_with("fake/pupil", 60)

    with pytest.raises(EvidenceError, match="base pins another variant now"):
        run(world, results, Branch(world, head=happens))
    assert log(world) == ["change"]


def test_a_branch_gets_no_more_commits_than_it_may(reworded):
    """Whatever makes a loop, it ends; whoever made the trailers, they count."""
    world, results = reworded
    for number in range(2):
        world.repo.git(
            "commit", "--quiet", "--allow-empty", "-m", f"Pin\n\nLandrace-Run: other-{number}"
        )
    with pytest.raises(RefusedError, match="2 commits of landrace already"):
        run(world, results, most_commits=2)
    assert run(world, results, most_commits=3).is_new


def test_a_forged_trailer_of_this_very_run_hides_nothing(reworded):
    """The work is not done, so the commit is made all the same."""
    world, results = reworded
    world.repo.git("commit", "--quiet", "--allow-empty", "-m", f"Sly\n\nLandrace-Run: {RUN}")
    assert run(world, results).is_new
    assert world.gate_offline().exit_code == 0


def die() -> None:
    raise Killed


@pytest.mark.parametrize("step", ["head", "before", "after"])
def test_death_at_any_step_leaves_the_branch_untouched_or_complete(reworded, step):
    world, results = reworded
    before = world.repo.git("rev-parse", "HEAD")
    with pytest.raises(Killed):
        run(world, results, Branch(world, **{step: die}))
    if step == "after":
        assert world.gate_offline().exit_code == 0
        assert not run(world, results).is_new
    else:
        assert world.repo.git("rev-parse", "HEAD") == before
        assert run(world, results).is_new
    assert world.todo() == {}
    assert len(log(world)) == 2


def test_what_is_refused_lands_in_no_part(reworded):
    world, results = reworded
    (cell,) = results.cells
    bad = cell.model_copy(update={"files": {**cell.files, "report.md": "# Fine\n"}})
    before = world.repo.tree()
    branch = Branch(world)
    with pytest.raises(RefusedError):
        run(world, results.model_copy(update={"cells": (bad,)}), branch)
    assert branch.landed == []
    assert world.repo.tree() == before


def test_every_accepted_file_is_signed_for(reworded):
    world, results = reworded
    branch = Branch(world)
    run(world, results, branch, sign=lambda data: f"signed {len(data)}\n")
    (files,) = branch.landed
    evidence = files[f"{CELL}/evidence.json"]
    assert files[f"{CELL}/evidence.json.sig"] == f"signed {len(evidence)}\n".encode()
