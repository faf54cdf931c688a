"""What the work of a change takes at most, before a call is made."""

from __future__ import annotations

import pytest
from kinds import TWIN, WHOLE

from colours import CONFIG
from landrace.gateway.metered import Price
from landrace.gateway.scripted import ScriptedGateway
from landrace.workflows.gating import drift
from landrace.workflows.gating.suite import read_suite
from landrace.workflows.pull_request.planned import planned
from landrace.workflows.tasks import Ceilings
from pinned import pin_prompt
from pull_request_world import CELL, PROMPT, PUPIL, World, pupil
from skill import words

PRICE = Price(1e-6, 3e-6)
TOKENS = 1e-6, 3e-6


def plan_of(world: World, price=lambda _model: PRICE, **options):
    with world.opened() as change:
        return planned(change, price, **options)


def spent(gateway: ScriptedGateway) -> tuple[int, int, float]:
    """Calls, tokens and dollars that a model really was asked for."""
    usage = [gateway._completion(request, "red").usage for request in gateway.requests]
    cost = sum(u.prompt_tokens * TOKENS[0] + u.completion_tokens * TOKENS[1] for u in usage)
    return len(usage), sum(u.tokens for u in usage), cost


def kept(world: World, script=pupil, **options) -> None:
    """What the plan says bounds what is spent then, on a ledger that knows nothing."""
    plan = plan_of(world)
    gateway = ScriptedGateway(script)
    results = world.carry_out(gateway=gateway, ledger=".landrace/fresh.jsonl", **options)
    assert not results.unfinished
    calls, tokens, cost = spent(gateway)
    assert 0 < calls <= sum(work.calls for work in plan.work)
    assert tokens <= sum(work.tokens for work in plan.work)
    assert cost <= sum(work.cost_usd for work in plan.work)


def test_a_search_with_its_comparison(reworded):
    kept(reworded.world)


def test_a_comparison_alone(settled):
    settled.pin_with(PUPIL, 95)
    settled.commit()
    (work,) = plan_of(settled).work
    assert (work.kind, work.calls) == ("measure", 2 * 41)
    kept(settled)


@pytest.mark.parametrize("kind", ["optimize", "measure"])
def test_a_comparison_with_a_base_whose_pin_nobody_can_load(settled, kind):
    with settled.on_main():
        settled.repo.write(f"{CELL}/pin.json", "<<<<<<< ours\n")
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.template(52) if kind == "optimize" else settled.pin_with(PUPIL, 95)
    settled.commit()
    (work,) = plan_of(settled).work
    assert (work.kind, work.calls is None) == (kind, False)
    kept(settled)


def test_repeats_and_tries_on_other_models_count(tmp_path):
    models = tuple({"id": name, "params": {"temperature": 1}} for name in (PUPIL, TWIN))
    world = World.make(tmp_path / "repo", models=models, transfer=True, gate={"repeats": 2})
    world.pin_with(PUPIL, 60)
    world.edit_pin(
        lambda pin: pin._replace(
            model=pin.model._replace(params={**pin.model.params, "temperature": 1})
        )
    )
    world.commit()
    (work,) = [one for one in plan_of(world).work if one.model == PUPIL]
    assert (work.kind, work.calls) == ("measure", 2 * 2 * 41 + 41)


JUDGE = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Is it red?"}


def judged(request):
    return '{"score": 5, "reason": "x"}' if request.model == "fake/judge" else pupil(request)


def test_a_judge_of_each_answer_counts(settled):
    with settled.on_main():
        settled.config(metrics=[JUDGE])
        settled.pipeline(**{**WHOLE, "budget": {"calls": 600}})
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.template(52)
    settled.commit()
    (work,) = plan_of(settled).work
    assert work.kind == "optimize"
    assert work.calls == 600 + 2 * 2 * 41
    settled.pin_with(PUPIL, 95)
    settled.commit()
    (work,) = plan_of(settled).work
    assert (work.kind, work.calls) == ("measure", 2 * 2 * 41)
    kept(settled, judged)


def holdout_of_head(world: World) -> int:
    with world.opened() as change:
        source = change.check.head.prompt(PROMPT).source
        return len(read_suite(source, holdout_only=True).cases)


def test_new_cases_are_asked_on_both_sides(settled):
    settled.cases(words(150))
    settled.pin_with(PUPIL, 95)
    settled.commit()
    (work,) = plan_of(settled).work
    assert (work.kind, work.calls) == ("measure", 2 * 41 + 2 * holdout_of_head(settled))
    kept(settled)


def test_no_more_new_cases_count_than_are_asked(settled, monkeypatch):
    monkeypatch.setattr(drift, "MOST_CASES", 3)
    settled.cases(words(150))
    settled.pin_with(PUPIL, 95)
    settled.commit()
    assert plan_of(settled).work[0].calls == 2 * 41 + 2 * 3
    kept(settled)


def test_a_judge_with_another_rubric_is_asked_about_both_sides_again(settled):
    with settled.on_main():
        settled.config(metrics=[JUDGE])
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.config(metrics=[{**JUDGE, "rubric": "Is it a very red red?"}])
    settled.pin_with(PUPIL, 95)
    settled.commit()
    (work,) = plan_of(settled).work
    assert (work.kind, work.calls) == ("measure", 2 * 2 * 41 + 2 * 2 * 41)
    kept(settled, judged)


def tokens_with(world: World, most: int) -> int:
    """Of the first model's cell, if answers of the second may be so long."""
    twin = {"id": TWIN, "params": {"max_tokens": most}}
    with world.on_main():
        world.pipeline(**{**WHOLE, "models": [PUPIL, twin], "transfer": True})
    world.repo.git("merge", "--quiet", "-m", "merge", "main")
    return next(work.tokens for work in plan_of(world).work if work.model == PUPIL)


def test_a_try_on_another_model_is_as_long_as_that_model_may_answer(settled):
    settled.pin_with(PUPIL, 95)
    settled.commit()
    assert tokens_with(settled, 500) - tokens_with(settled, 8) == 41 * (500 - 8)


def test_what_base_serves_is_asked_with_its_own_parameters(settled):
    settled.pin_with(PUPIL, 95)
    settled.commit()
    before = plan_of(settled).work[0].tokens
    with settled.on_main():
        settled.edit_pin(
            lambda pin: pin._replace(
                model=pin.model._replace(params={**pin.model.params, "max_tokens": 500})
            )
        )
    (work,) = plan_of(settled).work
    assert work.tokens - before == 2 * 41 * (500 - 8)


def test_a_winner_may_answer_as_long_as_the_options_of_its_search_allow(reworded):
    world, tokens = reworded.world, []
    for most in (8, 3000):
        values = {"prompt/params/max_tokens": [most]}
        strategy = {"name": "sammo", "options": {"tuning": {"values": values}}}
        world.pipeline(**{**WHOLE, "strategy": strategy})
        world.commit()
        (work,) = plan_of(world).work
        assert work.kind == "optimize"
        tokens.append(work.tokens)
    assert work.calls > 2 * 41
    assert tokens[1] - tokens[0] >= work.calls * (3000 - 512)  # 512 are the proposer's


def test_a_winner_of_another_model_may_be_longer_than_the_prompt(tmp_path):
    tokens = []
    for note in ("", "At length. " * 1000):
        world = World.make(tmp_path / str(len(note)), models=(PUPIL, TWIN))
        with world.on_main():
            world.pin_with(TWIN, 60, note=note)
        world.repo.git("merge", "--quiet", "-m", "merge", "main")
        world.template(52)
        world.commit()
        work = {one.model: one for one in plan_of(world).work}
        tokens.append(work[PUPIL].tokens)
    assert tokens[1] - tokens[0] > work[PUPIL].calls * 6000


def test_a_head_that_has_a_default_for_what_base_lacks_is_asked_with_it(settled):
    properties = {
        **CONFIG["inputs"]["properties"],
        "tone": {"type": "string", "default": "x" * 5000},
    }
    settled.config(inputs={**CONFIG["inputs"], "properties": properties})
    settled.template(50)
    pin_prompt(settled.root, PROMPT, PUPIL, variant="{{ tone }} {{ word }} skill=95\n")
    settled.commit()
    (work,) = plan_of(settled).work
    assert work.kind == "measure"
    assert work.tokens > 2 * 41 * 5000
    kept(settled)


def test_a_budget_of_the_gate_bounds_it(settled):
    with settled.on_main():
        settled.pipeline(**{**WHOLE, "gate": {"budget": {"calls": 50, "tokens": 900}}})
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.pin_with(PUPIL, 95)
    settled.commit()
    (work,) = plan_of(settled).work
    assert (work.calls, work.tokens) == (50, 900)


def test_a_new_prompt_is_compared_with_nothing(settled):
    settled.prompt("paints", count=100)
    settled.commit()
    (work,) = plan_of(settled).work
    with settled.opened() as change:
        assert not change.check.inputs.is_compared(change.scope.work[0].cell)
    assert work.calls <= 300


def test_an_unknown_price_is_no_price(reworded):
    (work,) = plan_of(reworded.world, lambda _model: None).work
    assert work.cost_usd is None
    assert work.calls is not None


@pytest.mark.parametrize("kind", ["too few calls", "too few cases"])
def test_what_cannot_be_done_is_told(reworded, kind):
    world, options = reworded.world, {}
    if kind == "too few calls":
        options = {"ceilings": Ceilings(calls=2)}
    else:
        world.cases([{"id": "a", "inputs": {"word": "a"}, "expected": "red"}])
    world.commit()
    (work,) = plan_of(world, **options).work
    assert (work.calls, work.tokens, work.cost_usd) == (None, None, None)
    assert work.reasons[-1].startswith("but it cannot be: ")


def test_why_nothing_is_done_is_told_only_where_something_would_be(reworded):
    assert plan_of(reworded.world, why_not="a fork").why_not == "a fork"
    reworded.world.take(reworded.results)
    plan = plan_of(reworded.world, why_not="a fork")
    assert (plan.why_not, plan.work, plan.cells) == ("", (), 1)


def test_head_that_cannot_take_bases_cases_is_planned_and_fails(settled):
    inputs = {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
        "additionalProperties": False,
    }
    settled.config(inputs=inputs)
    lines = [{"id": f"t{n}", "inputs": {"text": f"t{n}"}, "expected": "red"} for n in range(100)]
    settled.cases(lines)
    settled.repo.write(f"prompts/{PROMPT}/prompt.jinja", "Text: {{ text }} skill=50\n")
    pin_prompt(settled.root, PROMPT, PUPIL, variant="Text: {{ text }} skill=60\n")
    settled.commit()
    (work,) = plan_of(settled).work
    assert work.kind == "measure"
    gateway = ScriptedGateway(pupil)
    results = settled.carry_out(gateway=gateway, ledger=".landrace/fresh.jsonl")
    assert results.unfinished == ()
    settled.take(results)
    report = settled.gate_offline()
    assert (report.exit_code, report.cells[0].verdict) == (1, "FAIL")
    assert "head cannot take base's cases" in report.cells[0].reason
