"""The moments from which tests, and a benchmark, go on: each is made once, and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from steps import BIN

from signing_keys import make_key
from world import BOT_KEY, REWORDED, TEMPLATE, Stage, files, open_world

if TYPE_CHECKING:
    from pathlib import Path

    from pupil_provider import PupilProvider


def pushed(folder: Path, provider: PupilProvider) -> Stage:
    """Somebody has opened pull request 1, and no run has begun."""
    signers = make_key(folder, BOT_KEY).allowed().encode()
    with open_world(folder, provider) as world:
        world.repository.commit("main", files(provider.api_base, signers), "start")
        world.repository.commit("feature", {TEMPLATE: REWORDED.encode()}, start="main")
    return Stage(folder, {})


def optimized(folder: Path, provider: PupilProvider, before: Stage, image: Path = BIN) -> Stage:
    """Plan and optimize of the first run are done."""
    with before.copy(folder, provider, image) as world:
        run = world.begin(world.runs.pull_request(1))
        assert run.until("optimize").result == "success", run.jobs["optimize"].log
    return Stage(folder, run.jobs)


def landed(folder: Path, provider: PupilProvider, before: Stage, image: Path = BIN) -> Stage:
    """The first run is over: the bot has committed the winner, and commented."""
    with before.copy(folder, provider, image) as world:
        jobs = before.resume(world).all()
    return Stage(folder, jobs, tuple(world.comments), tuple(world.github.statuses))
