"""What a provider refuses for good is never asked again, and resumes the same."""

from __future__ import annotations

from collections import Counter

import pytest

from dying import Killed, dying
from landrace.errors import CallError
from landrace.schemas.pipeline import Budget
from strategy_world import pupil, question, run, task

REFUSED = {"select3", "select7", "search2"}


def choosy(request):
    """A model that will not hear of some words."""
    if question(request) in REFUSED:
        return CallError("that word is not allowed")
    return pupil(request)


@pytest.fixture(scope="module")
def cell():
    """Its batches come back to the same parents, its rungs to the same select cases."""
    return task("protegi", budget=Budget(calls=300), options={"rounds": 3})


@pytest.fixture(scope="module")
def whole(cell, tmp_path_factory):
    return run(cell, tmp_path_factory.mktemp("whole"), choosy)


def test_each_refused_call_is_made_once(whole):
    made = Counter(r.digest for r in whole.gateway.requests if question(r) in REFUSED)
    assert len(made) > len(REFUSED)
    assert set(made.values()) == {1}


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_killed_search_with_refusals_goes_on_where_it_stood(cell, whole, tmp_path, share):
    calls = int(share * whole.gateway.calls)
    with pytest.raises(Killed):
        run(cell, tmp_path, dying(choosy, calls + 1))
    assert run(cell, tmp_path, choosy).files == whole.files
