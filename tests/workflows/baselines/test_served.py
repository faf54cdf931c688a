from __future__ import annotations

import json

import pytest

from landrace.errors import CaseError, ConfigError, IntegrityError, TemplateError
from landrace.store.project import Project
from landrace.workflows.baselines.served import served_cells
from skill import PROMPT, PUPIL, TWIN


def test_cells_are_those_of_the_pipelines_in_their_order(world):
    world.repo.prompt(name="words", count=3)
    world.repo.pipeline(TWIN, PUPIL)
    found = served_cells(Project(world.repo.root))
    assert {prompt: [cell.model.id for cell in cells] for prompt, cells in found.items()} == {
        PROMPT: [TWIN, PUPIL],
        "words": [TWIN, PUPIL],
    }


def test_the_holdout_is_judged_apart_where_there_is_a_pin(world):
    world.repo.pipeline(PUPIL, TWIN)
    world.repo.pin(95, TWIN)
    plain, pinned = served_cells(Project(world.repo.root))[PROMPT]
    assert plain.case_sets == ("all",)
    assert pinned.case_sets == ("all", "holdout")


def test_two_pipelines_may_not_claim_a_cell(world):
    world.repo.write("pipelines/more.yaml", json.dumps({"prompts": ["col*"], "models": [PUPIL]}))
    with pytest.raises(ConfigError, match="stands in two pipelines, all and more"):
        served_cells(Project(world.repo.root))


def test_without_a_pipeline_there_is_nothing_to_serve(world):
    (world.repo.root / "pipelines/all.yaml").unlink()
    with pytest.raises(ConfigError, match="no pipeline") as caught:
        served_cells(Project(world.repo.root))
    assert "landrace init" in caught.value.fix


def test_a_pin_is_served_with_the_parameters_that_it_was_proved_with(world):
    world.repo.pin(95)
    world.repo.pipeline({"id": PUPIL, "params": {"temperature": 1}})
    served = world.served("holdout")
    assert served.side.side.kind == "pin"
    assert served.side.model.params["temperature"] == 0
    assert 0 < len(served.suite.cases) < 300
    assert served.rendered()[served.suite.cases[0].id][0]["content"].startswith("Pinned. skill=95")


def test_a_template_is_served_where_nothing_is_pinned(world):
    served = world.served()
    assert served.side.side.kind == "template"
    assert served.side.side.file == "prompts/colours/prompt.jinja"
    assert list(served.rendered()) == sorted(f"word{n}" for n in range(300))


def test_a_pin_is_served_though_the_template_is_broken(world):
    world.repo.pin(95)
    world.repo.write("prompts/colours/prompt.jinja", "{% if %}")
    assert world.served().side.side.kind == "pin"


def test_what_does_not_render_names_the_case_and_the_file(world):
    world.repo.write("prompts/colours/prompt.jinja", "{{ word }}\n{{ colour }}\n")
    with pytest.raises(TemplateError) as caught:
        world.served()
    assert caught.value.problem.startswith("case `word")
    assert caught.value.where.startswith("prompts/colours/prompt.jinja")


def test_an_edited_variant_is_refused(world):
    world.repo.pin(95)
    world.repo.edit("registry/colours/fake%2Fpupil/prompt.jinja", "Pinned", "Edited")
    with pytest.raises(IntegrityError):
        world.served()


def test_a_wrong_case_is_named_by_its_line(world):
    world.repo.cases([{"id": "one", "inputs": {"wrd": "x"}, "expected": "red"}])
    with pytest.raises(CaseError) as caught:
        world.served()
    assert caught.value.where == "prompts/colours/cases.jsonl:1"
