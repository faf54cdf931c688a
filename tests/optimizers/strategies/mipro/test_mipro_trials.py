from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from landrace.optimizers.strategies.mipro.options import Options
from landrace.optimizers.strategies.mipro.plan import shares
from landrace.optimizers.strategies.mipro.trials import Trials
from landrace.schemas.pipeline import Budget
from strategy_world import cases, chain, chained, proposal, pupil, run, task


def _batches(count, select=60, **options):
    study = SimpleNamespace(select=cases("select", select), rng=random.Random)
    trials = Trials(study, Options(**options), SimpleNamespace())
    return [[case.id for case in trials._batch(number)] for number in range(count)]


def test_the_trials_of_a_round_share_their_cases_and_rounds_move_on():
    batches = _batches(15)
    assert batches[0] == batches[4] == [f"select{n}" for n in range(35)]
    assert batches[5] == batches[9] == [f"select{n % 60}" for n in range(35, 70)]
    assert batches[10][0] == "select10"


def test_every_case_is_met_equally_often_in_the_long_run():
    met = [case for batch in _batches(60) for case in batch]
    assert {met.count(case) for case in set(met)} == {35}


def test_fresh_minibatches_are_the_originals():
    batches = _batches(5, minibatch="fresh")
    assert len({tuple(batch) for batch in batches}) == 5
    assert all(len(set(batch)) == 35 for batch in batches)


@pytest.mark.parametrize("options", [{"select": 50}, {"minibatch": "off"}])
def test_few_cases_or_no_minibatches_are_scored_whole(options):
    (batch,) = _batches(1, **options)
    assert len(batch) == options.get("select", 60)


def test_no_more_cases_than_the_scale_says():
    (batch,) = _batches(1, select=120, minibatch="off")
    assert len(batch) == 100


def _trials(tmp_path, **options):
    cell = task("mipro", options=options, budget=Budget(calls=1500), select=60)
    ran = run(cell, tmp_path, pupil)
    return ran, [record for record in ran.records if record["kind"] == "trial"]


@pytest.mark.parametrize("minibatch", ["shared", "fresh"])
def test_every_fifth_trial_the_best_of_them_is_scored_in_full(tmp_path, minibatch):
    _, trials = _trials(tmp_path, trials=12, minibatch=minibatch)
    full = [record["full"] for record in trials]
    tried = [record for record in trials if not record["full"]]
    assert trials[0]["full"]
    assert trials[0]["choice"] == [0, 0]
    assert full.count(True) == 1 + 12 // 5
    assert all(record["cases"] == 60 for record in trials if record["full"])
    assert all(record["cases"] == 35 for record in tried)


def test_the_winner_was_scored_on_all_of_select(tmp_path):
    ran, trials = _trials(tmp_path)
    base, winner = ran.result.report.contenders
    assert winner.digest != base.digest
    confirm = ran.result.report.stages[-1]
    assert confirm.calls == 60 - 35  # what one seemed to be after its minibatch is looked into
    assert winner.select.n == confirm.cases == 60
    best = max(record["mean"] for record in trials if record["full"])
    assert winner.select.mean == pytest.approx(confirm.best, abs=1e-6)
    assert winner.select.mean == pytest.approx(best, abs=1e-6)
    # On a dozen cases of the holdout it is no better.
    assert (winner.holdout.n, base.holdout.n) == (12, 12)
    assert ran.result.served.digest == base.digest


@pytest.mark.parametrize("minibatch", ["shared", "fresh", "off"])
def test_means_count_the_base_once(tmp_path, minibatch):
    _, trials = _trials(tmp_path, credit="means", minibatch=minibatch, trials=12)
    told = [record for record in trials if record["choice"] == [0, 0]]
    assert [record["full"] for record in told] == [True]


def test_the_original_can_be_had_back(tmp_path):
    ran, trials = _trials(tmp_path, minibatch="fresh", credit="means", trials=14)
    first = [tuple(record["choice"]) for record in trials if not record["full"]]
    assert len(first) == 14
    again, _ = _trials(tmp_path, minibatch="fresh", credit="means", trials=14)
    assert again.files == ran.files


@pytest.mark.parametrize("calls", [250, 299])
@pytest.mark.parametrize("name", ["mipro", "mipro/module-opro"])
def test_without_minibatches_all_runs_go_to_whole_trials(tmp_path, name, calls):
    cell = task(name, budget=Budget(calls=calls), options={"trials": 50}, select=40)
    ran = run(cell, tmp_path, pupil)
    tried = [r for r in ran.records if r["kind"] == "trial" and any(r["choice"])]
    assert {record["cases"] for record in tried} == {40}
    assert not [r for r in ran.records if r["kind"] == "stage cut short"]
    spent = {stage.name: stage.calls for stage in ran.result.report.stages}
    most = shares(cell.options, cell.sizes(), calls - cell.holdout_calls())
    assert spent["confirm"] == most["confirm"] == 0
    assert most["search"] - spent["search"] <= 40


@pytest.mark.parametrize(("calls", "trials"), [(3000, 6), (500, None)])
def test_coordinate_ascent_comes_soon_to_all_nodes_where_trials_are_few(tmp_path, calls, trials):
    options, budget = {"trials": trials}, Budget(calls=calls)
    cell = task("mipro/ca-opro", budget=budget, options=options, program=chain())
    ran = run(cell, tmp_path, lambda request: chained(request) or proposal(request))
    tried = [r["choice"] for r in ran.records if r["kind"] == "trial" and any(r["choice"])]
    assert all(any(choice[2 * node] for choice in tried[:5]) for node in range(3))


def test_random_search_tries_sixteen_sets_of_examples(tmp_path):
    budget = Budget(calls=2000)
    cell = task("mipro/bootstrap-random-search", budget=budget, search=60, select=60)
    trials = [record for record in run(cell, tmp_path, pupil).records if record["kind"] == "trial"]
    assert len({tuple(record["choice"]) for record in trials}) == 1 + 16
