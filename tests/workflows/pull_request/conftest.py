from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from pull_request_world import World
from signing_keys import SIGNERS, make_key

if TYPE_CHECKING:
    from pathlib import Path

    from landrace.schemas.results import Results
    from signing_keys import Key


class Made(NamedTuple):
    """A world, and what was found in it."""

    world: World
    results: Results


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Nothing has changed yet."""
    return World.make(tmp_path / "repo")


@pytest.fixture(scope="session")
def _reworded(tmp_path_factory: pytest.TempPathFactory) -> Made:
    world = World.make(tmp_path_factory.mktemp("reworded") / "repo")
    world.template(51)
    world.commit()
    results = world.carry_out()
    assert [found.prompt for found in results.cells] == ["colours"]
    return Made(world, results)


@pytest.fixture(scope="session")
def _landed(_reworded: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    world = _reworded.world.copy(tmp_path_factory.mktemp("landed") / "repo")
    world.take(_reworded.results)
    return Made(world, _reworded.results)


@pytest.fixture
def reworded(_reworded: Made, tmp_path: Path) -> Made:
    """The template has changed, and a search has found a better variant; nothing is taken."""
    return Made(_reworded.world.copy(tmp_path / "reworded"), _reworded.results)


@pytest.fixture
def landed(_landed: Made, tmp_path: Path) -> Made:
    """The same, and the bot has committed the winner."""
    return Made(_landed.world.copy(tmp_path / "landed"), _landed.results)


@pytest.fixture(scope="session")
def _settled(_landed: Made, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = _landed.world.copy(tmp_path_factory.mktemp("settled") / "repo")
    world.switch("main")
    world.repo.git("merge", "--quiet", "--ff-only", "change")
    world.repo.git("checkout", "--quiet", "-B", "change")
    return world


@pytest.fixture
def settled(_settled: World, tmp_path: Path) -> World:
    """The winner is merged; nothing has changed since."""
    return _settled.copy(tmp_path / "settled")


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return make_key(tmp_path_factory.mktemp("keys"), "bot")


@pytest.fixture
def signed(reworded: Made, key: Key) -> World:
    """Base names the key, and the bot has signed with it."""
    with reworded.world.on_main():
        reworded.world.repo.write(SIGNERS, "# who may\n" + key.allowed())
    reworded.world.take(reworded.results, key.sign)
    return reworded.world
