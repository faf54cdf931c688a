"""Fixtures for every folder of tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]

# No test depends on wall time: a busy machine must not fail one.
settings.register_profile("landrace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# CI draws the same examples each time, so that it says the same of the same commit; whoever runs
# the tests by hand draws new ones.
settings.register_profile("ci", settings.get_profile("landrace"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "landrace")


@pytest.fixture(scope="session", autouse=True)
def _no_wait_for_the_disk() -> Iterator[None]:
    """What ``fsync`` is for, a power cut, no test can make; a strange descriptor still fails.

    A run of a search syncs some fifteen times, each for milliseconds of a disk that both workers
    of the suite want. Processes of their own sync for good.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobodys_git() -> Iterator[None]:
    """No repository, hook or line ending of whoever runs the tests, not even inside a git hook."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


@pytest.fixture(scope="session")
def smollm2() -> str:
    """The id of the smallest embedded model; its file is fetched into the user cache if missing."""
    from landrace.gateway.pull import pull

    pull("smollm2-135m-instruct")
    return "local/smollm2-135m-instruct"
