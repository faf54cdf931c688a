"""Verdicts as pytest shows them."""

from __future__ import annotations

import pytest
from plugin_world import ALL, HOLDOUT

from landrace.errors import TransientCallError
from skill import PUPIL, skill_of, words

GATE = "landrace_gate"


def test_a_missing_baseline_is_written_and_fails_once(world):
    result = world.run("-m", GATE)
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(["*File not found in data directory, created:*", f"*{ALL}"])
    assert len(world.gateway.requests) == 300
    world.run("-m", GATE).assert_outcomes(passed=1, deselected=2)


def test_what_has_not_changed_costs_no_call(world):
    world.bless()
    world.run().assert_outcomes(passed=3)
    assert world.gateway.requests == ()
    assert not world.exists("ledger.jsonl")


def test_a_drop_fails_with_the_gates_report(world):
    world.bless()
    world.repo.template(60)
    result = world.run("-m", GATE)
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(
        [
            "*colours on fake/pupil: gate-all*",
            "FAIL: score: the interval lies below what may be lost",
            "*base*(a baseline keeps no outputs)*",
            "*If what is served now is what you want, bless it*",
        ]
    )
    result.stdout.no_fnmatch_line("*gate_item.py*")


def test_a_harmless_change_passes_and_its_report_can_be_seen(world):
    world.bless()
    world.repo.template(90, "Red, or blue?")
    result = world.run("-m", GATE, "-rP")
    result.assert_outcomes(passed=1, deselected=2, warnings=0)
    result.stdout.fnmatch_lines(["*Captured landrace call*", "PASS: *"])


def test_few_cases_pass_with_a_warning_that_says_how_many_are_needed(world):
    world.repo.prompt(count=40)
    world.bless()
    world.repo.template(90, "Red, or blue?")
    result = world.run("-m", GATE)
    result.assert_outcomes(passed=1, deselected=2, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*InconclusiveWarning: colours on fake/pupil, gate-all: INCONCLUSIVE: *with about * cases*"
        ]
    )


def test_few_cases_fail_where_the_policy_blocks_on_it(world):
    world.repo.prompt(count=40)
    world.repo.pipeline(gate={"inconclusive": "block"})
    world.bless()
    world.repo.template(90, "Red, or blue?")
    result = world.run("-m", GATE)
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(["INCONCLUSIVE: *"])


def test_an_outage_is_an_error_and_neither_pass_nor_failure(world):
    world.bless()
    world.repo.template(60)
    world.answer(lambda _request: TransientCallError("503"))
    result = world.run("-m", GATE)
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines(
        ["*ERROR at setup of colours on fake/pupil: gate-all*", "NOT EVALUATED: *"]
    )


def test_an_outage_blesses_nothing(world):
    world.answer(lambda _request: TransientCallError("503"))
    result = world.run("-m", GATE)
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines(
        ["*NOT EVALUATED: fake/pupil: only * of the calls were answered*503*"]
    )
    assert not world.exists(ALL)


@pytest.mark.parametrize(
    ("calls", "told"),
    [(100, "NOT EVALUATED: the budget ended before*"), (200, "INCONCLUSIVE: the budget ended: *")],
)
def test_a_spent_budget_is_an_error(world, calls, told):
    world.bless()
    world.repo.template(86)
    world.repo.pipeline(gate={"budget": {"calls": calls}})
    result = world.run("-m", GATE)
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines([told])


def test_force_regen_blesses_what_differs_and_fails_once(world):
    world.bless()
    world.repo.template(60)
    before = world.text(ALL)
    world.run("-m", GATE, "--force-regen").assert_outcomes(failed=1, deselected=2)
    assert world.text(ALL) != before
    world.run("-m", GATE).assert_outcomes(passed=1, deselected=2)


def test_force_regen_asks_nothing_where_nothing_differs(world):
    world.bless()
    world.run("--force-regen").assert_outcomes(passed=3)
    assert world.gateway.requests == ()


def test_regen_all_blesses_everything_and_passes(world):
    world.bless()
    world.repo.write(ALL, "no baseline")
    world.run("--regen-all").assert_outcomes(passed=3)
    world.run().assert_outcomes(passed=3)


def test_a_baseline_that_cannot_be_read_is_an_error_with_a_way_out(world):
    world.bless()
    world.repo.write(ALL, "cases: [\n- {")
    result = world.run("-m", GATE)
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines([f"{ALL}:2: the baseline is not YAML", "*--regen-all*"])


def test_other_cases_are_told_and_judged_on_those_that_are_left(world):
    world.bless()
    world.repo.cases(words(320)[20:])
    told = "*StaleBaselineWarning: *blessed with other cases: 280 of 300 cases*"
    result = world.run("-m", GATE)
    result.assert_outcomes(passed=1, deselected=2, warnings=1)
    result.stdout.fnmatch_lines([told])
    assert world.gateway.requests == ()
    world.repo.template(60)
    result = world.run("-m", GATE)
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(["*blessed with other cases: 280 of 300 cases*"])


def test_a_pin_is_judged_on_all_cases_and_on_the_holdout_alone(world):
    world.repo.pin(95)
    world.bless()
    assert world.exists(HOLDOUT)
    assert world.text(HOLDOUT).count("digest") < world.text(ALL).count("digest") == 300
    world.repo.template(60)
    world.run("-m", GATE).assert_outcomes(passed=2, deselected=2)
    assert world.gateway.requests == ()
    world.repo.pin(60)
    world.run("-m", GATE).assert_outcomes(failed=2, deselected=2)
    assert {skill_of(request) for request in world.gateway.requests} == {60}


def test_answers_are_paid_for_once(world):
    world.repo.pin(95)
    world.bless()
    assert len(world.paid()) == len(set(world.paid())) == 300
    world.repo.pin(60)
    world.run("-m", GATE)
    world.run("-m", GATE)
    assert len(world.gateway.requests) == len(set(world.paid())) - 300


def test_the_models_parameters_are_part_of_what_is_served(world):
    world.bless()
    world.repo.pipeline({"id": PUPIL, "params": {"temperature": 0, "top_p": 0.5}})
    world.run("-m", GATE).assert_outcomes(passed=1, deselected=2)
    assert len(world.gateway.requests) > 0


def test_neither_inputs_nor_outputs_are_kept(world):
    world.bless()
    assert "Say red" not in world.text(ALL)
    assert "blue" not in world.text(ALL)
    assert "word: " not in world.text(ALL)


def test_the_verdict_is_in_the_junit_file(world):
    world.bless()
    world.repo.template(60)
    world.run("-m", GATE, "--junit-xml=out.xml")
    assert '<property name="landrace_verdict" value="FAIL"' in world.text("out.xml")
    assert 'name="gate-all"' in world.text("out.xml")
