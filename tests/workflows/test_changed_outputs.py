"""What a report's changed cases were answered, out of the ledger of the search or of evals."""

from __future__ import annotations

import json
import shutil

import pytest
from worlds import colour

from colours import luck
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.reports.story import lost, won
from landrace.schemas.pipeline import Budget
from landrace.store.project import Project
from landrace.workflows import changed_outputs as module
from landrace.workflows.changed_outputs import Gap, changed_outputs
from landrace.workflows.evaluate import evaluate
from landrace.workflows.evaluation_setup import set_up
from landrace.workflows.optimize import optimize
from landrace.workflows.plan import Selection, plan
from landrace.workflows.services import LEDGER, Services
from landrace.workflows.stored_reports import read_report
from repositories import repository

PUPIL = "fake/pupil"
PIPELINE = """\
prompts: ["*"]
models: [fake/pupil]
strategy: {name: ape, options: {prompts: 4}}
budget: {calls: 1000}
"""
ANEW = "`landrace optimize --prompt colours --model fake/pupil --force` searches here"


def pupil(request):
    """One that another instruction helps with many words, and leads astray with a few."""
    text = request.messages[-1].content
    if "Work out what that instruction says" in text:
        return f"<instruction>Say red or blue for word {request.repeat}.</instruction>"
    word = text.rsplit(" ", 1)[-1]
    knows = luck(word, "told") < 0.9 if "for word" in text else luck(word) < 0.5
    return colour(word) if knows else "green"


def silent(request):
    """One that says nothing before it is told to."""
    said = pupil(request)
    told = "for word" in request.messages[-1].content or said.startswith("<instruction>")
    return said if told else ""


def optimized(root, pipeline=PIPELINE, model=pupil, program=None):
    project = repository(root, pipeline)
    if program:
        path = root / "prompts/colours/prompt.yaml"
        config = json.loads(path.read_text()) | {"program": program}
        del config["template"]
        path.write_text(json.dumps(config))
        (root / "prompts/colours/hint.jinja").write_text("Give a hint at {{ word }}\n")
        template = root / "prompts/colours/prompt.jinja"
        template.write_text(template.read_text().replace("word }}", "hint }}"))
    with Ledger(root / LEDGER) as ledger:
        services = Services(ScriptedGateway(model), ledger)
        list(optimize(project, plan(project, Selection(models=(PUPIL,)), {}), services))
    return root


@pytest.fixture(scope="module")
def promoted(tmp_path_factory):
    return optimized(tmp_path_factory.mktemp("promoted") / "repo")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The winner is better, and not by as much as the policy asks for."""
    sure = PIPELINE + "policy: {confidence: 0.99999999}\n"
    return optimized(tmp_path_factory.mktemp("kept") / "repo", sure)


@pytest.fixture
def project(promoted, tmp_path):
    """One that a test may change."""
    return Project(shutil.copytree(promoted, tmp_path / "repo"))


def report_of(project):
    return read_report(project, "colours", PUPIL)


def found(project, report=None):
    with Ledger(project.root / LEDGER) as ledger:
        model = ScriptedGateway(pupil)
        outputs = changed_outputs(project, report or report_of(project), Services(model, ledger))
    assert model.calls == 0
    return outputs


def pay(project):
    """What the evals do that are told to those who lack answers."""
    with Ledger(project.root / LEDGER) as ledger:
        services = Services(ScriptedGateway(pupil), ledger)
        for variant in ("base", "pinned"):
            (setup,) = set_up(
                project, "colours", models=[PUPIL], variant=variant, split="holdout", cases=None
            )
            evaluate(
                setup.variant,
                setup.cases(),
                model=setup.model,
                metric=setup.metric,
                budget=Budget(),
                services=services,
                on_outcome=lambda *_: None,
            )


def edit_cases(project, change):
    path = project.root / "prompts/colours/cases.jsonl"
    cases = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(case) + "\n" for case in map(change, cases) if case))


@pytest.mark.parametrize("decision", ["promoted", "kept"])
def test_every_changed_case_has_its_texts_the_lost_ones_first(decision, request):
    project = Project(request.getfixturevalue(decision))
    report = report_of(project)
    assert report.decision.startswith(decision)
    samples, gaps = found(project)
    assert not gaps
    ids = [flip.case_id for flip in (*lost(report), *won(report))]
    assert [sample.case_id for sample in samples] == ids
    assert lost(report)
    assert won(report)
    scores = {flip.case_id: flip for flip in report.flips}
    for sample in samples:
        flip = scores[sample.case_id]
        assert sample.input == sample.case_id  # so are the words of this world
        assert (sample.base_output == sample.expected) == (flip.base == 1)
        assert (sample.winner_output == sample.expected) == (flip.winner == 1)
        worse = sample.winner_output if flip.winner < flip.base else sample.base_output
        assert worse in sample.feedback


def test_a_fresh_clone_lacks_all_until_evals_have_paid(project):
    (project.root / LEDGER).unlink()
    report = report_of(project)
    call = "landrace eval colours --model fake/pupil --split holdout"
    fix = f"`{call}` and `{call} --variant pinned` pay for them"
    assert found(project) == ((), (Gap(len(report.flips), module.UNANSWERED, fix),))
    pay(project)
    samples, gaps = found(project)
    assert (len(samples), gaps) == (len(report.flips), ())


def test_with_other_parameters_than_the_pins_no_eval_is_said_to_pay(project):
    (project.root / LEDGER).unlink()
    pipeline = PIPELINE.replace("[fake/pupil]", "[{id: fake/pupil, params: {max_tokens: 7}}]")
    (project.root / "pipelines/all.yaml").write_text(pipeline)
    pay(project)
    gap = Gap(len(report_of(project).flips), module.OTHER_PARAMETERS, module.SEARCH_ANEW)
    assert found(project) == ((), (gap,))


def test_a_winner_that_was_not_promoted_cannot_be_asked_anew(kept, tmp_path):
    project = Project(shutil.copytree(kept, tmp_path / "repo"))
    (project.root / LEDGER).unlink()
    ((cases, why, fix),) = found(project).gaps
    assert cases == len(report_of(project).flips)
    assert "was not promoted" in why
    assert fix == ANEW


def test_cases_that_are_gone_or_edited_are_left_out_and_the_rest_is_shown(project):
    gone, reworded, relabelled, *others = (flip.case_id for flip in report_of(project).flips)

    def change(case):
        if case["id"] == reworded:
            case["inputs"]["word"] = "unheard"
        if case["id"] == relabelled:
            case["expected"] = {"red": "blue", "blue": "red"}[case["expected"]]
        return None if case["id"] == gone else case

    edit_cases(project, change)
    samples, gaps = found(project)
    assert {sample.case_id for sample in samples} == set(others)
    assert {gap.why: gap.cases for gap in gaps} == {
        module.GONE: 1,
        module.UNANSWERED: 1,
        module.OTHERWISE: 1,
    }


def test_answers_of_another_base_are_not_shown_as_the_reports(project):
    template = project.root / "prompts/colours/prompt.jinja"
    template.write_text(template.read_text().replace("Word:", "The word:"))
    ((cases, why, fix),) = found(project).gaps
    assert (cases, fix) == (len(report_of(project).flips), module.SEARCH_ANEW)
    assert why == "the prompt has changed since the report"


def test_a_prompt_that_cannot_be_read_hides_no_report(project):
    (project.root / "prompts/colours/cases.jsonl").write_text("{\n")
    ((_, why, _),) = found(project).gaps
    assert why.startswith("prompts/colours/cases.jsonl:1: ")


def test_cases_that_a_metric_of_today_fails_on_are_left_out_with_its_reason(project):
    """It has an error of its own for each answer, and they are told once."""
    (project.root / "prompts/colours/metric.py").write_text(
        "def score(inputs, expected, output, answer):\n"
        "    if output == 'green' and expected == 'red':\n"
        "        raise KeyError(inputs['word'])\n"
        "    return answer == expected\n"
    )
    path = project.root / "prompts/colours/prompt.yaml"
    metric = {"metric": "python", "function": "prompts/colours/metric.py:score"}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"metrics": [metric]}))
    samples, ((cases, why, fix),) = found(project)
    assert samples
    assert cases == len(report_of(project).flips) - len(samples) > 1
    assert why.startswith("prompts/colours/metric.py:3: the metric ")
    assert fix.endswith("whatever its text")


def test_a_report_without_changed_cases_has_nothing_missing(project):
    report = report_of(project).model_copy(update={"flips": ()})
    (project.root / "prompts/colours/prompt.jinja").unlink()
    assert found(project, report) == ((), ())


def test_an_empty_answer_is_seen_to_be_one(tmp_path):
    project = Project(optimized(tmp_path / "repo", model=silent))
    samples, gaps = found(project)
    assert not gaps
    assert samples
    assert {sample.base_output for sample in samples} == {module.EMPTY}


HINTED = {
    "nodes": {
        "hint": {"generate": {"template": "hint.jinja"}},
        "colour": {"generate": {"template": "prompt.jinja"}},
    },
    "output": "colour",
}


def hinting(request):
    """The hint at a word is the word."""
    text = request.messages[-1].content
    return text.split()[-1] if text.startswith("Give a hint") else pupil(request)


@pytest.mark.parametrize("policy", ["", "policy: {confidence: 0.99999999}\n"])
def test_of_a_program_the_last_answer_is_shown(tmp_path, policy):
    project = Project(
        optimized(tmp_path / "repo", PIPELINE + policy, model=hinting, program=HINTED)
    )
    report = report_of(project)
    assert report.decision == ("kept incumbent" if policy else "promoted")
    samples, gaps = found(project)
    assert (len(samples), gaps) == (len(report.flips), ())
    assert {sample.winner_output for sample in samples} == {"red", "blue", "green"}
