from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from baseline_world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One prompt on one model; nothing is pinned."""
    made = World(tmp_path)
    made.repo.prompt(count=300)
    made.repo.pipeline()
    return made
