"""What a provider refuses for good is never asked again, and resumes the same."""

from __future__ import annotations

from collections import Counter

import pytest

from colours import luck
from dying import Killed, dying
from landrace.errors import CallError
from landrace.schemas.pipeline import Budget, ModelConfig
from strategy_world import chain, chained, proposal, pupil, question, run, task

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


def choosy_chain(request):
    """A model of the chain that will not give a clue of many a word, whatever comes after it."""
    word = question(request)
    if word and luck("refused", word) < 0.3:
        return CallError("that word is not allowed")
    answer = chained(request)
    return proposal(request) if answer is None else answer


def chain_cell(concurrency):
    model = ModelConfig(id="fake/pupil", params={"max_tokens": 8}, concurrency=concurrency)
    return task("gpo", program=chain(), budget=Budget(calls=700), model=model)


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory):
    return run(chain_cell(1), tmp_path_factory.mktemp("chain"), choosy_chain)


def test_candidates_with_the_same_first_call_share_its_refusal(one_by_one):
    made = Counter(request.digest for request in one_by_one.gateway.requests)
    assert set(made.values()) == {1}
    assert one_by_one.result.report.spent.calls == one_by_one.gateway.calls


def test_they_share_it_whether_or_not_they_meet(one_by_one, tmp_path):
    at_once = run(chain_cell(8), tmp_path, choosy_chain)
    assert at_once.files == one_by_one.files
    assert at_once.gateway.calls == one_by_one.gateway.calls


def test_a_killed_search_with_shared_refusals_goes_on_where_it_stood(one_by_one, tmp_path):
    with pytest.raises(Killed):
        run(chain_cell(8), tmp_path, dying(choosy_chain, one_by_one.gateway.calls // 2))
    assert run(chain_cell(8), tmp_path, choosy_chain).files == one_by_one.files
