from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from landrace.optimizers.proposing.grounded import TIPS
from landrace.optimizers.strategies.mipro import FAMILY, Options, least, shares
from landrace.optimizers.strategy import Sizes
from landrace.optimizers.table import STRATEGIES
from landrace.schemas.pipeline import Budget
from strategy_world import chain, chained, proposal, pupil, run, task

EVERY = {"mipro": Options, **{name: member.options for name, member in FAMILY.items()}}


@pytest.mark.parametrize(
    ("auto", "nodes", "trials"),
    [("light", 1, 10), ("medium", 1, 18), ("heavy", 1, 27), ("light", 2, 20)],
)
def test_trials_are_those_of_miprov2(auto, nodes, trials):
    assert Options(auto=auto).most_trials(nodes) == trials


@pytest.mark.parametrize(("nodes", "trials"), [(1, 18), (2, 30), (5, 75)])
def test_coordinate_ascent_comes_to_each_node_three_times(nodes, trials):
    assert Options(search="ca-opro").most_trials(nodes) == trials
    assert Options(search="module-opro").most_trials(nodes) == 18


def test_with_demos_half_as_many_instructions():
    assert (Options().pool, Options().sets) == (3, 6)
    assert (Options(demo_sets=1).pool, Options(demo_sets=1).sets) == (6, 1)
    assert Options(instructions=9).pool == 9


def test_members_are_the_same_options_with_other_defaults():
    assert FAMILY["0-shot"].options() == FAMILY["0-shot"].options.model_validate({})
    assert FAMILY["0-shot"].options().demo_sets == 1
    assert FAMILY["0-shot"].options(demo_sets=3).demo_sets == 3
    assert Options().demo_sets is None
    with pytest.raises(ValidationError):
        FAMILY["ca-opro"].options(demo_sets=0)
    with pytest.raises(ValidationError):
        FAMILY["ca-opro"].options(teacher="fake/other")


WRITERS = ("module-opro", "program-opro", "ca-opro", "settings")


@pytest.mark.parametrize("search", WRITERS)
@pytest.mark.parametrize("name", ["instructions", "demo_sets"])
def test_who_writes_in_trials_refuses_pools(search, name):
    with pytest.raises(ValidationError, match=f"`{name}` has no effect with `search: {search}`"):
        Options.model_validate({"search": search, name: 6})
    assert Options.model_validate({"search": search, name: 1}).pool == 1


@pytest.mark.parametrize("search", WRITERS)
def test_who_writes_in_trials_shows_no_examples(search):
    options = Options(search=search)
    assert (options.pool, options.sets, options.max_demos) == (1, 1, 0)


@pytest.mark.parametrize("name", ["bootstrap-random-search", "bayesian-bootstrap"])
def test_who_only_shows_demos_asks_no_proposer(name):
    assert shares(EVERY[name](), Sizes(40, 60, 50, 1), 5000)["propose"] == 0


@given(
    name=st.sampled_from(sorted(EVERY)),
    sizes=st.builds(
        Sizes,
        search=st.integers(8, 200),
        select=st.integers(8, 400),
        holdout=st.just(50),
        rivals=st.integers(1, 2),
        nodes=st.integers(1, 4),
    ),
    calls=st.integers(0, 20_000),
)
def test_a_plan_divides_what_there_is(name, sizes, calls):
    options = EVERY[name]()
    found = shares(options, sizes, calls)
    assert list(found) == ["probe", "bootstrap", "propose", "search", "confirm"]
    assert sum(found.values()) <= calls
    assert min(found.values()) >= 0
    enough = shares(options, sizes, max(calls, least(options, sizes)))
    full = min(sizes.select, 100)
    has_minibatches = options.minibatch != "off" and full > 50
    batch = 35 if has_minibatches else full
    assert enough["search"] >= 3 * batch
    assert enough["confirm"] == has_minibatches * full


@pytest.mark.parametrize(
    "name", ["mipro", "mipro/0-shot", "mipro/module-opro", "mipro/0-shot-plus"]
)
@pytest.mark.parametrize("program", [None, chain()], ids=["prompt", "program"])
def test_the_plan_counts_every_question_to_the_proposer(tmp_path, name, program):
    changes = {"program": program} if program else {}
    cell = task(name, budget=Budget(calls=2000), search=12, select=10, holdout=8, **changes)

    def model(request):
        return (chained(request) or proposal(request)) if program else pupil(request)

    ran = run(cell, tmp_path, model)
    stages = {stage.name: stage for stage in ran.result.report.stages}
    nodes = len(cell.program.nodes)
    planned = shares(cell.options, cell.sizes(), 10_000)
    assert stages["propose"].calls == planned["propose"]
    asked = ran.result.report.spent.proposer_calls - stages["propose"].calls
    trials = cell.options.most_trials(nodes) if cell.options.writes_in_trials else 0
    assert asked == trials * nodes


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name.startswith("mipro")])
@pytest.mark.parametrize("is_shown", [True, False])
def test_a_proposer_sees_examples_and_tips_or_nothing_is_run_for_it(tmp_path, name, is_shown):
    options = {"shown_demos": is_shown, "tips": is_shown}
    cell = task(name, options=options, budget=Budget(calls=900), program=chain())
    ran = run(cell, tmp_path, lambda request: chained(request) or proposal(request))
    asked = [r["messages"][-1][1] for r in ran.records if r["kind"] == "call"]
    wanted = is_shown and cell.options.writes
    assert any("given and should answer" in text for text in asked) == wanted
    assert any(tip and tip in text for text in asked for tip in TIPS.values()) == wanted
    runs = {stage.name: stage.calls for stage in ran.result.report.stages}["bootstrap"]
    assert (runs > 0) == (wanted or cell.options.sets > 1)


@pytest.mark.parametrize("name", ["mipro", "mipro/0-shot-plus"])
def test_a_proposer_sees_three_examples_at_most(tmp_path, name):
    ran = run(task(name, options={"max_bootstrapped": 8}, budget=Budget(calls=900)), tmp_path)
    asked = [r["messages"][-1][1] for r in ran.records if r["kind"] == "call"]
    assert max(text.count("\nInput: Word: ") for text in asked) == 3
