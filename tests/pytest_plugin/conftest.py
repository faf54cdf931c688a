from __future__ import annotations

import pytest
from plugin_world import PluginWorld


@pytest.fixture
def world(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> PluginWorld:
    """A repository with one prompt of 300 cases on one model, and one test of its own."""
    made = PluginWorld(pytester, monkeypatch)
    made.repo.prompt(count=300)
    made.repo.pipeline()
    made.repo.commit()
    return made
