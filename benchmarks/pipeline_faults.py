"""Kills the jobs of a pull request at every boundary and in between, and lets them be repeated.

    python -m benchmarks.pipeline_faults [--kills 50] [--seed 0]

Each death is of its own copy of one repository, at the fake GitHub of the tests: SIGKILL when a
job has just begun, in the middle of its calls and requests, before and after what they do, or
the runner is gone when a job has ended. After it the branch must be untouched (the gate says 4) or
complete (0). Then the run, or a new one, goes on: one commit, one comment, a gate that passes,
and no finished call paid for twice.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

# The repository, its GitHub and its runner are those of the tests; hence imports after code.
sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / part) for part in ("", "actions")]

from pupil_provider import PupilProvider  # noqa: E402
from stages import optimized, pushed  # noqa: E402

from forge import weather  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from subprocess import Popen

    from steps import Run

    from world import World

    Plot = Callable[[World, Popen[str]], object]

JOBS = ("plan", "optimize", "commit", "gate", "report")
IN_FLIGHT = 8  # calls whose answers a killed process may have been waiting for
COMMENT = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments"
STATUS = "POST /repos/{owner}/{repo}/statuses/{sha}"
COMMIT = "createCommitOnBranch"


class Death(NamedTuple):
    """``plot`` arranges the death of a job's process; None lets the runner die after the job."""

    where: str
    job: str
    plot: Plot | None


class Outcome(NamedTuple):
    where: str
    branch: str
    lost: int
    """Answers that were given and are in no ledger."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, began = random.Random(options.seed), time.monotonic()
    outcomes = []
    with tempfile.TemporaryDirectory() as folder, PupilProvider() as provider:
        stages = Stages(Path(folder), provider)
        for number, death in zip(range(options.kills), deaths(rng, stages.calls), strict=False):
            outcome = stages.suffer(death, Path(folder, f"death-{number}"), rng)
            print(f"{number + 1:3} {outcome.where}: {outcome.branch}", flush=True)
            outcomes.append(outcome)
    show(outcomes, time.monotonic() - began)


def deaths(rng: random.Random, calls: int) -> Iterator[Death]:
    """Every boundary first, then whatever chance brings."""
    for job in JOBS:
        yield Death(f"{job} has begun", job, lambda _, process: process.kill())
        yield Death(f"{job} has ended, and the runner dies", job, None)
    while True:
        yield Death("optimize, in a call", "optimize", in_call(rng.randrange(1, calls)))
        yield Death("commit, at a moment", "commit", at_moment(rng.uniform(0.2, 1.5)))
        yield Death("optimize, in a call", "optimize", in_call(rng.randrange(1, calls)))
        yield Death("commit, before its request is done", "commit", in_request(COMMIT, done=False))
        yield Death("optimize, in a call", "optimize", in_call(rng.randrange(1, calls)))
        yield Death("commit, after its request is done", "commit", in_request(COMMIT, done=True))
        yield Death("optimize, in a call", "optimize", in_call(rng.randrange(1, calls)))
        yield Death("commit, its answer is lost, then killed", "commit", after_lost_answer)
        yield Death("report, after its comment", "report", in_request(COMMENT, done=True))
        yield Death("report, before its status", "report", in_request(STATUS, done=False))


def in_call(number: int) -> Plot:
    """While the provider answers that call, some of whose neighbours are in flight."""
    return lambda world, process: world.provider.after(number, process.kill)


def at_moment(seconds: float) -> Plot:
    return lambda _, process: threading.Timer(seconds, process.kill).start()


def in_request(operation: str, *, done: bool) -> Plot:
    """While GitHub answers a request, before it does what is asked or after."""

    def plot(world: World, process: Popen[str]) -> None:
        def spell(proceed: weather.Proceed) -> weather.Spell:
            if done:
                proceed()
            process.kill()
            return weather.dropped(proceed)

        world.github.weather.order(operation, spell)

    return plot


def after_lost_answer(world: World, process: Popen[str]) -> None:
    """The commit is made, nobody hears of it, and the process dies as it looks for it."""
    world.github.weather.order(COMMIT, weather.lost)
    looking = "GET /repos/{owner}/{repo}/commits"
    world.github.weather.order(looking, weather.after(process.kill))


class Stages:
    """Worlds to begin with: nothing has run yet, or the search is done."""

    def __init__(self, folder: Path, provider: PupilProvider) -> None:
        self._provider = provider
        self._pushed = pushed(_new(folder, "pushed"), provider)
        before = provider.calls
        self._optimized = optimized(_new(folder, "optimized"), provider, self._pushed)
        self.calls = provider.calls - before

    def suffer(self, death: Death, folder: Path, rng: random.Random) -> Outcome:
        """One death in a copy of a world, and what comes after it."""
        stage = self._pushed if death.job in {"plan", "optimize"} else self._optimized
        folder.mkdir()
        with stage.copy(folder, self._provider) as world:
            asked = world.provider.calls - (self.calls if stage is self._optimized else 0)
            head, run = world.head, stage.resume(world)
            die(run, death, world)
            branch = state(world, head)
            go_on(world, run, death, rng)
            return Outcome(death.where, branch, lost(world, asked))


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def die(run: Run, death: Death, world: World) -> None:
    """The jobs up to the one that dies. A moment that comes too late leaves it alive."""
    for name in JOBS[: JOBS.index(death.job)]:
        if name not in run.jobs:
            run.job(name)
    if death.plot is None:
        run.job(death.job)
        return
    plot = death.plot
    done = run.job(death.job, lambda process: plot(world, process))
    check(done.exit_code in {-9, 0}, f"{death.where}: exit status {done.exit_code}, {done.log}")


def state(world: World, head: str) -> str:
    """Whether the branch is untouched or complete; anything else is a failure."""
    commits, gate = world.bot_commits(), world.gate().exit_code
    check(len(world.comments) <= 1, "two comments")
    if commits == 0:
        check(world.head == head and gate == 4, f"untouched, and the gate says {gate}")
        return "untouched"
    check(commits == 1 and world.repository.parents("feature") == [head], "another commit")
    check(gate == 0, f"complete, and the gate says {gate}")
    return "complete"


def go_on(world: World, run: Run, death: Death, rng: random.Random) -> None:
    """Somebody repeats the jobs that failed, or pushes, or closes and opens the pull request."""
    if rng.random() < 0.5:
        for name in JOBS[JOBS.index(death.job) :]:
            run.jobs.pop(name, None)
        run.all()
    last = world.begin(world.runs.pull_request(1))
    last.all()
    failed = {name: job for name, job in last.jobs.items() if job.result == "failure"}
    check(not failed, f"{death.where}: the next run failed: {failed}")
    check(world.bot_commits() == 1, f"{death.where}: {world.bot_commits()} commits")
    check(len(world.comments) == 1, f"{death.where}: {len(world.comments)} comments")
    check("## ✅ landrace: PASS" in world.comments[0].body, "the comment says something else")
    check(world.gate().exit_code == 0, f"{death.where}: the gate does not pass")


def lost(world: World, asked: int) -> int:
    """Answers that were given and kept by nobody: those in flight, and no other."""
    paid = world.paid()
    check(set(paid.values()) == {1}, "a call is paid for twice")
    found = world.provider.calls - asked - paid.total()
    check(0 <= found <= IN_FLIGHT, f"{found} answers are lost")
    return found


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        sys.exit(f"FAILED: {otherwise}")


def show(outcomes: list[Outcome], took: float) -> None:
    places = Counter(outcome.where for outcome in outcomes)
    print("\n| killed | times | untouched | complete | answers lost in flight |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for where, times in places.items():
        those = [outcome for outcome in outcomes if outcome.where == where]
        ends = Counter(outcome.branch for outcome in those)
        flown = sum(outcome.lost for outcome in those)
        print(f"| {where} | {times} | {ends['untouched']} | {ends['complete']} | {flown} |")
    print(f"\n{len(outcomes)} deaths in {took:.0f} s: no half commit, no second commit or comment,")
    print("no call paid for twice, and each gate passed in the end")


if __name__ == "__main__":
    main()
