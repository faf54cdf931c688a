from __future__ import annotations

from landrace.schemas.pipeline import Budget, ModelConfig
from strategy_world import answer, chain, chained, proposal, question, run, task

TEACHER = ModelConfig(
    id="fake/teacher", params={"max_tokens": 500, "temperature": 1, "api_base": "https://there"}
)


def _cell(**options):
    cell = task("mipro/bayesian-bootstrap", options=options, budget=Budget(calls=200))
    pipeline = cell.pipeline.model_copy(update={"proposer": TEACHER})
    return cell._replace(pipeline=pipeline)


def _model(request):
    """The pupil is never right by itself; the teacher always is, in its own words."""
    word = question(request)
    if word is None:
        return proposal(request)
    return f"{answer(word, 1)}" if request.model == "fake/teacher" else answer(word, 0)


def _demos(ran):
    return [
        demo
        for record in ran.records
        if record["kind"] == "candidate"
        for slots in record["slots"]["nodes"].values()
        for demo in slots["demos"]
    ]


def test_a_teacher_makes_the_demos_that_the_pupil_cannot(tmp_path):
    ran = run(_cell(teacher=True, max_labelled=0), tmp_path, _model)
    demos = _demos(ran)
    assert demos
    assert all(demo["bootstrapped"] and demo["case_id"].startswith("search") for demo in demos)


def test_without_a_teacher_a_pupil_that_is_never_right_shows_nothing(tmp_path):
    assert _demos(run(_cell(max_labelled=0), tmp_path, _model)) == []


def test_the_teacher_goes_its_own_way_and_answers_like_the_pupil(tmp_path):
    ran = run(_cell(teacher=True), tmp_path, _model)
    asked = [r for r in ran.gateway.requests if r.model == "fake/teacher" and question(r)]
    assert len(asked) == 24
    assert {tuple(sorted(r.params.items())) for r in asked} == {
        (("api_base", "https://there"), ("max_tokens", 8), ("temperature", 0))
    }


def test_what_a_teacher_scores_is_no_score_of_the_base(tmp_path):
    ran = run(_cell(teacher=True), tmp_path, _model)
    assert ran.result.report.stages[0].best == 0
    assert ran.gateway.calls <= 200


def test_every_node_of_a_program_gets_demos_of_what_it_read_and_wrote(tmp_path):
    cell = task("mipro/bayesian-bootstrap", budget=Budget(calls=900), program=chain())
    ran = run(cell, tmp_path, chained)
    shown = {
        name: slots["demos"]
        for record in ran.records
        if record["kind"] == "candidate"
        for name, slots in record["slots"]["nodes"].items()
        if slots["demos"]
    }
    assert set(shown) == {"clue", "hint", "colour"}
    assert all(demo["user"].startswith("Clue: ") for demo in shown["hint"])
    assert all(demo["assistant"] in {"red", "blue"} for demo in shown["colour"])
