"""Fixtures for every folder of tests."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def smollm2() -> str:
    """The id of the smallest embedded model; its file is fetched into the user cache if missing."""
    from landrace.gateway.pull import pull

    pull("smollm2-135m-instruct")
    return "local/smollm2-135m-instruct"
