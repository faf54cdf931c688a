from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gating_world import World

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One prompt on two models, committed on ``main``; the work tree is clean."""
    made = World(tmp_path / "repo")
    made.prompt()
    made.pipeline()
    made.commit()
    return made
