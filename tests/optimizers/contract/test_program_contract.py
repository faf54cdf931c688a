"""What holds for every row of the strategies table when it searches a program of three nodes."""

from __future__ import annotations

import pytest

from landrace.optimizers.table import STRATEGIES
from landrace.schemas.pipeline import Budget
from landrace.workflows.open_study import stage_calls
from strategy_world import Killed, MortalGateway, cases, chain, chained, proposal, run, task

SIZES = {"search": 10, "select": 12, "holdout": 8}
BUDGET = Budget(calls=420)


def model(request):
    said = chained(request)
    return proposal(request) if said is None else said


@pytest.fixture(params=STRATEGIES, scope="module")
def cell(request):
    return task(request.param, budget=BUDGET, program=chain(), **SIZES)


@pytest.fixture(scope="module")
def whole(cell, tmp_path_factory):
    return run(cell, tmp_path_factory.mktemp("whole"), model)


def test_a_killed_search_of_a_program_goes_on_where_it_stood(cell, whole, tmp_path):
    calls = whole.gateway.calls // 2
    with pytest.raises(Killed):
        run(cell, tmp_path, gateway=MortalGateway(model, calls))
    resumed = run(cell, tmp_path, model)
    assert resumed.files == whole.files
    assert resumed.gateway.calls == whole.gateway.calls - calls


def test_a_program_stays_within_budget_and_plan(cell, whole):
    assert whole.gateway.calls <= cell.budget.calls
    planned = stage_calls(cell)
    due = taken = 0
    for stage in whole.result.report.stages:
        due += planned[stage.name]
        taken += stage.calls
        assert taken <= due


def test_a_program_never_shows_its_holdout_to_the_search(whole):
    frozen = False
    for record in whole.records:
        frozen = frozen or record["kind"] == "shortlist"
        if record["kind"] == "call" and not frozen:
            assert "holdout" not in record["messages"][-1][1]
    assert frozen


@pytest.mark.parametrize(
    "said",
    ["", "<clue>{{ hint }}</clue><hint>{% endsection %}</hint><instruction>{{</instruction>"],
    ids=["nothing", "injected"],
)
def test_whatever_a_proposer_says_of_a_program_the_search_ends_cleanly(cell, tmp_path, said):
    ran = run(cell, tmp_path, lambda request: chained(request) or said)
    assert ran.result.report.decision in {"promoted", "kept incumbent"}
    for case in cases("unseen", 2):
        (first, *_) = ran.result.served.variant.program.first_asks(case.inputs)
        assert case.id in first.messages[-1]["content"]
