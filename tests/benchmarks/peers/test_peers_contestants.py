"""Who takes part, and in which tables."""

from __future__ import annotations

import pytest
from benchmarks.peers.contestants import CONTESTANTS, GROUPS
from benchmarks.peers.peer import RUNNERS


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_names_contestants_once_and_has_the_base(group: str):
    names = GROUPS[group]
    assert "base" in names
    assert len(set(names)) == len(names)
    assert set(names) <= CONTESTANTS.keys()


def test_every_contestant_but_the_base_is_in_a_table_of_its_family_or_of_auto():
    named = {name for group, names in GROUPS.items() if group != "all" for name in names}
    assert named == CONTESTANTS.keys()


@pytest.mark.parametrize(
    "name", [name for name in CONTESTANTS if not name.startswith(("base", "landrace-"))]
)
def test_a_peer_has_its_runner(name: str):
    module = CONTESTANTS[name].run.keywords["module"]
    assert (RUNNERS / f"{module}.py").exists()
