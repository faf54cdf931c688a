"""What the gate could tell, without a call."""

from __future__ import annotations

import json

import pytest

from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.store.project import Project
from landrace.store.registry import read_pins
from landrace.workflows.gating.power import USUAL_NOISE, Assumptions, power
from landrace.workflows.optimize import optimize
from landrace.workflows.plan import Selection, plan
from landrace.workflows.services import Services
from skill import PROMPT, PUPIL, TWIN, pupil, words


def rows(world, *prompts, **assumed):
    return list(power(Project(world.root), prompts, Assumptions(**assumed)))


def test_a_cell_has_a_row_for_templates_and_one_for_pins(world):
    found = rows(world)
    assert [(row.prompt, row.model, row.cases_from) for row in found] == [
        (PROMPT, model, kind) for model in (PUPIL, TWIN) for kind in ("all", "holdout")
    ]
    everything, holdout = found[:2]
    assert everything.cases == 60 > holdout.cases > 0
    assert everything.detectable < holdout.detectable
    assert {(row.noise, row.known, row.allowed) for row in found} == {(USUAL_NOISE, False, 0.05)}


def test_more_noise_or_fewer_cases_detect_less(world):
    assert rows(world, noise=0.05)[0].detectable < rows(world, noise=0.3)[0].detectable
    assert rows(world, cases=300)[0].detectable < rows(world, cases=100)[0].detectable
    assert rows(world, claims=1)[0].detectable < rows(world, claims=20)[0].detectable
    assert rows(world, allowed_drop=0.1)[0].needed < rows(world, allowed_drop=0.05)[0].needed


def test_what_is_needed_is_enough(world):
    needed = rows(world)[0].needed
    for cases, enough in ((needed, True), (needed // 2, False)):
        assert (rows(world, cases=cases)[0].needed <= cases) is enough


def test_assumed_cases_are_one_row_a_cell(world):
    found = rows(world, cases=300, noise=0.1)
    assert [(row.model, row.cases_from, row.cases) for row in found] == [
        (PUPIL, "assumed", 300),
        (TWIN, "assumed", 300),
    ]
    assert all(row.known for row in found)


def test_unequal_weights_show_less(world):
    """Equal ones change nothing, whatever they are; assumed cases weigh as those there are do."""
    plain, assumed = rows(world), rows(world, cases=300)
    world.cases([{**case, "weight": 3} for case in words(60)])
    assert rows(world) == plain
    world.cases([{**case, "weight": 10 if n % 6 else 1} for n, case in enumerate(words(60))])
    for few, many in zip(plain + assumed, rows(world) + rows(world, cases=300), strict=True):
        assert many.cases == few.cases
        assert many.noise == few.noise
        assert many.needed > few.needed
    world.cases([{**case, "weight": 1 if n % 6 else 10} for n, case in enumerate(words(60))])
    assert rows(world)[0].detectable > plain[0].detectable
    assert rows(world, cases=300)[0].detectable < rows(world)[0].detectable


def test_prompts_can_be_chosen(world):
    world.prompt("shapes")
    assert {row.prompt for row in rows(world)} == {PROMPT, "shapes"}
    assert {row.prompt for row in rows(world, "shapes")} == {"shapes"}


def test_the_rule_about_scores_counts_and_without_one_there_is_nothing_to_tell(world):
    tokens = {"metric": "completion_tokens", "allowed_drop": 0.5}
    world.pipeline(gate={"metrics": [tokens, {"allowed_drop": 0.02}]})
    assert {row.allowed for row in rows(world)} == {0.02}
    world.pipeline(gate={"metrics": [tokens]})
    assert rows(world) == []
    assert {row.allowed for row in rows(world, allowed_drop=0.1)} == {0.1}


def test_a_second_metric_of_the_same_name_has_rules_too(world):
    world.config(metrics=[{"metric": "contains"}, {"metric": "contains"}])
    world.pipeline(gate={"metrics": [{"metric": "contains#2", "allowed_drop": 0.07}]})
    assert {row.allowed for row in rows(world)} == {0.07}


def test_a_cell_of_two_pipelines_is_told_once_by_the_first(world):
    world.pipeline("other", models=[PUPIL, "fake/third"], gate={"metrics": [{"allowed_drop": 0.2}]})
    found = {(row.model, row.allowed) for row in rows(world)}
    assert found == {(PUPIL, 0.05), (TWIN, 0.05), ("fake/third", 0.2)}


def test_an_empty_holdout_has_no_row(world):
    world.cases([{**case, "split": "search"} for case in words(30)])
    assert {row.cases_from for row in rows(world)} == {"all"}


def test_no_pipeline_no_row(world):
    world.repo.git("rm", "--quiet", "pipelines/all.yaml")
    assert rows(world) == []


@pytest.fixture
def optimized(world):
    """One of two cells has a report out of a real search."""
    world.cases(words(150))
    world.pipeline(budget={"calls": 600})
    world.template(50)

    def learner(request):
        if "Work out what that instruction says" in request.messages[-1].content:
            return "<instruction>Say red or blue. skill=50</instruction>"
        demos = sum(message.role == "assistant" for message in request.messages)
        return "red" if demos > 1 else pupil(request)

    project = Project(world.root)
    with Ledger(world.root / ".landrace/ledger.jsonl") as ledger:
        cells = plan(project, Selection(models=(PUPIL,)), read_pins(world.root))
        list(optimize(project, cells, Services(ScriptedGateway(learner), ledger)))
    return world


def test_measured_noise_is_that_of_the_last_report(optimized):
    report = json.loads((optimized.root / "registry/colours/fake%2Fpupil/report.json").read_text())
    by_model = {row.model: row for row in rows(optimized)}
    assert (by_model[PUPIL].known, by_model[TWIN].known) == (True, False)
    [against_base] = [one for one in report["comparisons"] if one["against"] == "base"]
    both_ways = 2 * min(against_base["wins"], against_base["losses"])
    size = against_base["wins"] + against_base["losses"] + against_base["ties"]
    assert by_model[PUPIL].noise == pytest.approx((both_ways + 1) / (size + 1), abs=1e-6)
    assert rows(optimized, noise=0.4)[0].noise == 0.4
