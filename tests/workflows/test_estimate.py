from __future__ import annotations

import pytest
from worlds import apt_pupil, task

import strategy_world
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.workflows.estimate import estimate
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services

PRICES = {"fake/pupil": Price(1e-6, 2e-6), "fake/sage": Price(5e-5, 1e-4)}


def with_proposer(model: str | None):
    cell = task()
    proposer = ModelConfig(id=model) if model else None
    return cell._replace(pipeline=cell.pipeline.model_copy(update={"proposer": proposer}))


def test_what_was_spent_is_within_the_estimate(tmp_path):
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        services = Services(ScriptedGateway(apt_pupil), ledger, price=PRICES.get)
        spent = run_cell(task(), services).report.spent
    found = estimate(task(), PRICES.get)
    assert spent.calls <= found.calls
    assert spent.prompt_tokens + spent.completion_tokens <= found.tokens
    assert spent.cost_usd <= found.cost_usd


def test_a_budget_without_calls_is_one_of_four_times_the_least():
    cell = task(budget=Budget(seconds=1800))
    found = estimate(cell, PRICES.get)
    searched = found.calls - found.stages["holdout"]
    assert 3 * cell.least_calls() < searched <= 4 * cell.least_calls()
    given = Budget(calls=4 * cell.least_calls() + cell.holdout_calls())
    assert estimate(task(budget=given), PRICES.get).stages == found.stages


def test_a_dear_proposer_makes_the_search_dear_and_not_the_holdout():
    cheap, dear = (estimate(with_proposer(name), PRICES.get) for name in (None, "fake/sage"))
    assert dear.calls == cheap.calls
    searched = cheap.calls - cheap.stages["holdout"]
    assert dear.cost_usd > cheap.cost_usd * 40 * searched / cheap.calls


@pytest.mark.parametrize("proposer", ["fake/unknown", None])
def test_without_a_price_there_is_no_bound_on_money(proposer):
    known = PRICES if proposer else {"fake/sage": Price(0.0, 0.0)}
    assert estimate(with_proposer(proposer), known.get).cost_usd is None


def test_a_programs_later_calls_are_in_the_estimate(tmp_path):
    cell = strategy_world.task(
        "auto",
        budget=Budget(calls=420),
        program=strategy_world.chain(),
        search=10,
        select=12,
        holdout=8,
    )

    def model(request):
        said = strategy_world.chained(request)
        return strategy_world.proposal(request) if said is None else said

    spent = strategy_world.run(cell, tmp_path, model).result.report.spent
    found = estimate(cell, lambda _model: Price(0.0, 0.0))
    assert spent.prompt_tokens + spent.completion_tokens <= found.tokens
    assert found.stages["holdout"] == 8 * 2 * 3
