"""Fixtures for every folder of tests."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# No test depends on wall time: a busy machine must not fail one.
settings.register_profile("landrace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("landrace")


@pytest.fixture(scope="session")
def smollm2() -> str:
    """The id of the smallest embedded model; its file is fetched into the user cache if missing."""
    from landrace.gateway.pull import pull

    pull("smollm2-135m-instruct")
    return "local/smollm2-135m-instruct"
