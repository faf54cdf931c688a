from __future__ import annotations

import re

import pytest
from worlds import apt_pupil, colour, task

import strategy_world
from landrace.gateway.base import Completion
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.metrics.table import build
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.schemas.prompt import MetricConfig
from landrace.schemas.score import Usage
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


JUDGE_PRICE = Price(3e-5, 6e-5)
JUDGES = {"fake/pupil": Price(0.0, 0.0), "fake/judge": JUDGE_PRICE}


def judged_task(*metrics, **changes):
    judge = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Is it the right colour?"}
    configs = [MetricConfig.model_validate(one) for one in (judge, *metrics)]
    return task(metric=build(configs), **changes)


def judged_pupil(request):
    """A pupil, and a judge who knows the colours."""
    if request.model != "fake/judge":
        return apt_pupil(request)
    text = request.messages[-1].content
    word = re.search(r'"word": "(\w+)"', text)[1]
    answer = re.search(r"BEGIN answer \w+\n(\w+)", text)[1]
    size = sum(len(message.content) // 4 for message in request.messages)
    usage = Usage(size, 90, size * JUDGE_PRICE.prompt + 90 * JUDGE_PRICE.completion)
    grade = 5 if answer == colour(word) else 1
    return Completion(f'{{"score": {grade}, "reason": "x"}}', usage=usage)


def test_each_judge_is_a_call_of_each_case():
    plain, one = estimate(task(), JUDGES.get), estimate(judged_task(), JUDGES.get)
    assert (plain.stages["holdout"], one.stages["holdout"]) == (50 * 2, 50 * 2 * 2)
    assert judged_task().least_calls() == 2 * task().least_calls()
    two = judged_task({"metric": "llm_judge", "model": "fake/judge", "rubric": "Is it short?"})
    assert two.holdout_calls() == 50 * 2 * 3


def test_any_call_may_be_the_dear_judges():
    found = estimate(judged_task(), JUDGES.get)
    assert estimate(task(), JUDGES.get).cost_usd == 0
    assert found.cost_usd >= found.calls * 400 * JUDGE_PRICE.completion
    assert found.tokens >= found.calls * 400


def test_without_a_judges_price_there_is_no_bound_on_money():
    assert estimate(judged_task(), {"fake/pupil": Price(0.0, 0.0)}.get).cost_usd is None


def test_a_judged_cell_keeps_its_estimate_and_its_holdout(tmp_path):
    cell = judged_task({"metric": "exact_match"})
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        gateway = ScriptedGateway(judged_pupil)
        report = run_cell(cell, Services(gateway, ledger, price=JUDGES.get)).report
    found = estimate(cell, JUDGES.get)
    assert report.spent.calls == gateway.calls <= found.calls == 600
    assert report.spent.prompt_tokens + report.spent.completion_tokens <= found.tokens
    assert 0 < report.spent.cost_usd <= found.cost_usd
    assert report.comparisons, report.reason
    assert any(request.model == "fake/judge" for request in gateway.requests)
