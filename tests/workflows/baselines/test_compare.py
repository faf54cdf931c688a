from __future__ import annotations

import pytest

from colours import luck
from landrace.errors import TransientCallError
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.workflows.gating.changes import find_changes
from landrace.workflows.gating.gate import gate, matches
from landrace.workflows.services import Services
from landrace.workflows.tasks import Ceilings
from skill import PUPIL, moody, pupil, skill_of, word_of, words


def test_a_drop_fails(world):
    baseline = world.bless()
    world.repo.template(60)
    run = world.compare(baseline)
    assert (run.report.verdict, run.report.exit_code) == ("FAIL", 1)
    assert run.cell.changed == ("variant",)
    assert run.report.base == "kept/gate.yml"


def test_a_harmless_change_passes(world):
    baseline = world.bless()
    world.repo.template(90, "Red, or blue?")
    run = world.compare(baseline)
    assert (run.report.verdict, run.report.exit_code) == ("PASS", 0)


def test_few_cases_are_inconclusive_and_say_how_many_are_needed(world):
    world.repo.prompt(count=40)
    baseline = world.bless()
    world.repo.template(90, "Red, or blue?")
    run = world.compare(baseline)
    assert (run.report.verdict, run.report.exit_code) == ("INCONCLUSIVE", 0)
    assert run.cell.claims[0].cases_needed > 40
    world.repo.pipeline(gate={"inconclusive": "block"})
    assert world.compare(baseline).report.exit_code == 6


def test_head_alone_is_asked_and_only_what_a_look_needs(world):
    baseline = world.bless()
    world.repo.template(60)
    run = world.compare(baseline)
    assert {skill_of(request) for request in run.gateway.requests} == {60}
    assert len(run.gateway.requests) == 150


def test_an_outage_is_no_verdict(world):
    baseline = world.bless()
    world.repo.template(60)
    run = world.compare(baseline, lambda _request: TransientCallError("503"))
    assert (run.report.verdict, run.report.exit_code) == ("NOT EVALUATED", 75)


def test_a_budget_that_ends_is_no_pass(world):
    baseline = world.bless()
    world.repo.template(90, "Red, or blue?")
    world.repo.pipeline(gate={"budget": {"calls": 100}})
    run = world.compare(baseline)
    assert (run.report.verdict, run.report.exit_code) == ("NOT EVALUATED", 5)


def test_cases_that_are_new_do_not_hide_a_drop(world):
    baseline = world.bless()
    world.repo.prompt(skill=60, count=400)
    run = world.compare(baseline)
    assert run.report.verdict == "FAIL"
    assert run.cell.cases == 300
    assert run.report.notes == (
        "the baseline was blessed with other cases: 300 of 400 cases can be compared with it",
    )


def test_a_critical_case_that_breaks_fails_alone(world):
    lost = next(f"word{n}" for n in range(300) if 0.85 < luck(f"word{n}") < 0.9)
    world.repo.cases(
        [{**case, "metadata": {"critical": case["id"] == lost}} for case in words(300)]
    )
    baseline = world.bless()

    def almost(request):
        return "blue" if word_of(request) == lost else pupil(request)

    world.repo.template(90, "Red, or blue?")
    run = world.compare(baseline, almost)
    assert run.report.verdict == "FAIL"
    assert [found.name for found in run.cell.breaks] == [lost]


def test_a_baseline_shows_no_output_of_its_own(world):
    baseline = world.bless()
    world.repo.template(60)
    flip = world.compare(baseline).cell.flips[0]
    assert flip.base_output == "(a baseline keeps no outputs)"
    assert flip.head_output == "blue"


def test_a_rule_on_the_only_metric_holds_when_the_prompt_gets_a_second(world):
    world.repo.pipeline(gate={"metrics": [{"metric": "exact_match"}]})
    baseline = world.bless()
    both = [{"metric": "exact_match"}, {"metric": "contains"}]
    world.repo.prompt(skill=60, count=300, metrics=both)
    assert world.compare(baseline).report.verdict == "FAIL"


@pytest.mark.parametrize(
    ("skill", "temperature", "script"), [(60, 0, pupil), (86, 1, moody), (30, 1, moody)]
)
def test_the_judgement_is_that_of_the_gate_between_commits(
    world, tmp_path, skill, temperature, script
):
    world.repo.prompt(count=80)
    world.repo.pipeline({"id": PUPIL, "params": {"temperature": temperature}})
    world.repo.write(".gitignore", ".landrace/\n")
    world.repo.commit()
    baseline = world.bless(script)
    world.repo.template(skill)
    with (
        find_changes(world.repo.root, "main", None) as changes,
        Ledger(tmp_path / "other.jsonl") as ledger,
    ):
        services = Services(ScriptedGateway(script), ledger)
        between = gate(changes, matches(changes), services, ceilings=Ceilings())
    cell, (other,) = world.compare(baseline, script).cell, between.cells
    assert cell.claims == other.claims
    assert (cell.verdict, cell.looks) == (other.verdict, other.looks)
