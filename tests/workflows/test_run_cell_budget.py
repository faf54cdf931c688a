"""Ceilings on tokens, money and time: they are kept, and the holdout has its share of them."""

from __future__ import annotations

import pytest
from worlds import apt_pupil, task

from fake_clock import Clock
from landrace.errors import BudgetExhaustedError, ConfigError
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import CALL, Ledger
from landrace.schemas.pipeline import Budget, ModelConfig
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services

A_TOKEN = 1e-5
# One call at a time: the clock is then the same in every run.
PUPIL = ModelConfig(id="fake/pupil", params={"temperature": 0, "max_tokens": 8}, concurrency=1)


class Ran:
    """A cell that was run within a budget, at a price or beside a clock."""

    def __init__(self, path, budget, *, price=A_TOKEN, tells_cost=True):
        self.clock = Clock(0.5)
        self.gateway = ScriptedGateway(apt_pupil, price_usd=price if tells_cost else None)
        known = None if price is None else Price(price, price)
        with Ledger(path / "ledger.jsonl") as ledger:
            services = Services(
                self.clock.around(self.gateway), ledger, price=lambda _m: known, clock=self.clock
            )
            self.report = run_cell(task(budget=budget, model=PUPIL), services).report
            self.records = list(ledger.records())

    @property
    def was_cut_short(self):
        return any(record["kind"] == "stage cut short" for record in self.records)


@pytest.mark.parametrize(
    "budget",
    [
        Budget(calls=3000, tokens=40_000),
        Budget(calls=3000, cost_usd=0.4),
        Budget(calls=3000, seconds=400),
    ],
    ids=["tokens", "money", "time"],
)
def test_a_holdout_that_is_looked_at_is_paid_for_whatever_the_search_would_have_taken(
    tmp_path, budget
):
    ran = Ran(tmp_path, budget)
    assert ran.was_cut_short, "else there is nothing to be held back from"
    assert ran.report.holdout_looks == 1
    assert {contender.holdout.coverage for contender in ran.report.contenders} == {1.0}
    assert ran.report.decision == "promoted"


def test_no_ceiling_is_passed(tmp_path):
    spent = Ran(tmp_path, Budget(calls=3000, tokens=40_000)).report.spent
    assert spent.prompt_tokens + spent.completion_tokens <= 40_000


def test_the_ceiling_on_money_is_kept_by_the_price_of_a_token(tmp_path):
    ran = Ran(tmp_path, Budget(calls=3000, cost_usd=0.4))
    spent = ran.report.spent
    tokens = spent.prompt_tokens + spent.completion_tokens
    assert spent.cost_usd == pytest.approx(tokens * A_TOKEN)
    assert 0.2 < spent.cost_usd <= 0.4
    assert all(contender.cost_usd > 0 for contender in ran.report.contenders)


def test_the_ceiling_on_time_is_kept(tmp_path):
    ran = Ran(tmp_path, Budget(calls=3000, seconds=400))
    assert 300 < ran.clock.now <= 400
    assert ran.clock.now == 0.5 * ran.gateway.calls


def test_no_time_for_a_call_is_the_end_of_the_budget(tmp_path):
    with pytest.raises(BudgetExhaustedError, match="before anything was scored"):
        Ran(tmp_path, Budget(seconds=1))


def test_costs_that_are_not_told_are_no_bill_and_still_count(tmp_path):
    ran = Ran(tmp_path, Budget(calls=3000, cost_usd=0.4), tells_cost=False)
    assert ran.report.spent.cost_usd is None
    assert {contender.cost_usd for contender in ran.report.contenders} == {None}
    tokens = ran.report.spent.prompt_tokens + ran.report.spent.completion_tokens
    assert 0.2 < tokens * A_TOKEN <= 0.4


def test_without_a_price_a_ceiling_on_money_is_refused_before_the_first_call(tmp_path):
    gateway = ScriptedGateway(apt_pupil, price_usd=None)
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        services = Services(gateway, ledger, price=lambda _model: None)
        with pytest.raises(ConfigError, match="no price is known for fake/pupil"):
            run_cell(task(budget=Budget(cost_usd=1)), services)
    assert gateway.calls == 0


def test_without_a_price_other_ceilings_do(tmp_path):
    report = Ran(tmp_path, Budget(calls=200), price=None, tells_cost=False).report
    assert report.spent.calls <= 200
    assert report.spent.cost_usd is None


@pytest.mark.parametrize(
    ("budget", "ceiling", "option"),
    [
        (Budget(calls=600, tokens=1200), "1200 tokens", "--max-tokens"),
        (Budget(calls=600, cost_usd=0.012), r"\$0.012", "--max-cost"),
        (Budget(calls=600, seconds=20), "20 seconds", "--max-time"),
    ],
    ids=["tokens", "money", "time"],
)
def test_a_ceiling_within_the_first_scores_is_no_decision(tmp_path, budget, ceiling, option):
    """A pin would be fresh, and say that nothing better exists."""
    said = (
        rf"before the base prompt was scored on all of select \(\d+ of 30 cases\): the ceiling of "
        rf"{ceiling} cut short the stage `probe`\n.*{option}, and run the same command again"
    )
    with pytest.raises(BudgetExhaustedError, match=said):
        Ran(tmp_path, budget)
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        records = list(ledger.records())
    assert "decision" not in {record["kind"] for record in records}
    paid = {record["key"] for record in records if record["kind"] == CALL}
    again = Ran(tmp_path, Budget(calls=600))
    assert again.report.decision == "promoted"
    assert paid
    assert not paid & {request.digest for request in again.gateway.requests}


def test_a_search_that_a_ceiling_ended_early_does_not_claim_that_nothing_is_better(tmp_path):
    ran = Ran(tmp_path, Budget(calls=600, tokens=9000))
    assert ran.report.decision == "kept incumbent"
    assert ran.report.contenders[0].select.n == 30
    assert ran.report.reason.startswith("the ceiling of 9000 tokens cut short the stage `")
    assert "until then no candidate had proved better than the base prompt" in ran.report.reason


def test_the_end_of_the_calls_that_a_search_was_planned_with_is_not_early(tmp_path):
    ran = Ran(tmp_path, Budget(calls=160))
    assert ran.was_cut_short
    assert "cut short" not in ran.report.reason
