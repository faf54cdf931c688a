"""Fixtures for every folder of tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# No test depends on wall time: a busy machine must not fail one.
settings.register_profile("landrace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# CI draws the same examples each time, so that it says the same of the same commit; whoever runs
# the tests by hand draws new ones.
settings.register_profile("ci", settings.get_profile("landrace"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "landrace")


@pytest.fixture(scope="session")
def smollm2() -> str:
    """The id of the smallest embedded model; its file is fetched into the user cache if missing."""
    from landrace.gateway.pull import pull

    pull("smollm2-135m-instruct")
    return "local/smollm2-135m-instruct"
