"""One world a session, worked on once, of which each test takes its own copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stages
from pupil_provider import PupilProvider
from warm import warm_landrace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from steps import Run

    from world import Stage, World


@pytest.fixture(scope="session")
def provider() -> Iterator[PupilProvider]:
    """It serves all tests, as its address stands in the repository; look at differences."""
    with PupilProvider() as made:
        yield made


@pytest.fixture(scope="session")
def image() -> Iterator[Path]:
    with warm_landrace() as folder:
        yield folder


@pytest.fixture(scope="session")
def pushed_stage(tmp_path_factory: pytest.TempPathFactory, provider: PupilProvider) -> Stage:
    return stages.pushed(tmp_path_factory.mktemp("pushed"), provider)


@pytest.fixture(scope="session")
def optimized_stage(
    tmp_path_factory: pytest.TempPathFactory,
    provider: PupilProvider,
    pushed_stage: Stage,
    image: Path,
) -> Stage:
    return stages.optimized(tmp_path_factory.mktemp("optimized"), provider, pushed_stage, image)


@pytest.fixture(scope="session")
def landed_stage(
    tmp_path_factory: pytest.TempPathFactory,
    provider: PupilProvider,
    optimized_stage: Stage,
    image: Path,
) -> Stage:
    return stages.landed(tmp_path_factory.mktemp("landed"), provider, optimized_stage, image)


@pytest.fixture
def pushed(
    pushed_stage: Stage, provider: PupilProvider, image: Path, tmp_path: Path
) -> Iterator[World]:
    """Somebody has opened pull request 1, and no run has begun."""
    with pushed_stage.copy(tmp_path, provider, image) as world:
        yield world


@pytest.fixture
def optimized(
    optimized_stage: Stage, provider: PupilProvider, image: Path, tmp_path: Path
) -> Iterator[tuple[World, Run]]:
    """The run of that push, of which plan and optimize are done."""
    with optimized_stage.copy(tmp_path, provider, image) as world:
        yield world, optimized_stage.resume(world)


@pytest.fixture
def landed(
    landed_stage: Stage, provider: PupilProvider, image: Path, tmp_path: Path
) -> Iterator[World]:
    """The same run is over: the bot has committed the winner, and commented."""
    with landed_stage.copy(tmp_path, provider, image) as world:
        landed_stage.resume(world)  # the number of that run is taken
        yield world
