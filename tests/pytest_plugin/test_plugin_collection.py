"""What is collected, under which names, and how it is chosen."""

from __future__ import annotations

import json

import pytest
from plugin_world import CELL

from landrace.pytest_plugin.collection import node_name
from skill import PUPIL, TWIN

OTHER = "tests/test_other.py::test_other"


def _ids(result):
    return [line for line in result.outlines if "::" in line]


def test_without_the_option_nothing_is_collected(world):
    assert _ids(world.pytest("--collect-only", "-q")) == [OTHER]
    assert _ids(world.pytest("--collect-only", "-q", ".")) == [OTHER]


def test_prompts_come_after_the_tests_model_by_model(world):
    world.repo.prompt(name="animals", count=3)
    world.repo.pipeline(TWIN, PUPIL)
    world.repo.pin(95, TWIN)
    collected = _ids(world.run("--collect-only", "-q"))
    assert collected == [
        OTHER,
        "prompts/animals/prompt.yaml::fake/twin::snapshot",
        "prompts/animals/prompt.yaml::fake/twin::gate-all",
        "prompts/animals/prompt.yaml::fake/pupil::snapshot",
        "prompts/animals/prompt.yaml::fake/pupil::gate-all",
        "prompts/colours/prompt.yaml::fake/twin::snapshot",
        "prompts/colours/prompt.yaml::fake/twin::gate-all",
        "prompts/colours/prompt.yaml::fake/twin::gate-holdout",
        "prompts/colours/prompt.yaml::fake/pupil::snapshot",
        "prompts/colours/prompt.yaml::fake/pupil::gate-all",
    ]
    assert world.gateway.requests == ()


def test_paths_on_the_command_line_are_all_there_is(world):
    assert _ids(world.run("--collect-only", "-q", "tests")) == [OTHER]
    prompts = [f"{CELL}::snapshot", f"{CELL}::gate-all"]
    assert _ids(world.run("--collect-only", "-q", "prompts/colours")) == prompts
    assert _ids(world.run("--collect-only", "-q", f"{CELL}::gate-all")) == prompts[1:]
    assert _ids(world.run("--collect-only", "-q", ".")) == [*prompts, OTHER]


def test_without_testpaths_nothing_is_collected_twice(world):
    world.repo.write("pytest.ini", "[pytest]\n")
    assert len(_ids(world.run("--collect-only", "-q"))) == 3


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (["-k", "gate-all"], ["gate-all"]),
        (["-k", "fake/pupil and not snapshot"], ["gate-all"]),
        (["-k", "colours"], ["snapshot", "gate-all"]),
        (["-m", "landrace"], ["snapshot", "gate-all"]),
        (["-m", "landrace_snapshot"], ["snapshot"]),
        (["-m", "landrace_gate"], ["gate-all"]),
        (["-m", "not landrace"], []),
    ],
)
def test_items_are_chosen_like_any_other(world, arguments, chosen):
    collected = _ids(world.run("--collect-only", "-q", "--strict-markers", *arguments))
    assert [name for name in collected if name != OTHER] == [f"{CELL}::{name}" for name in chosen]


def test_the_first_failure_stops_the_run(world):
    result = world.run("-x", "-m", "landrace")
    result.assert_outcomes(failed=1, deselected=1)


def test_what_failed_last_runs_again_alone(world):
    world.bless()
    world.repo.template(60)
    world.run().assert_outcomes(failed=2, passed=1)
    world.repo.template(90)
    world.run("-m", "landrace_snapshot").assert_outcomes(passed=1, deselected=2)
    result = world.run("--lf", "-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"{CELL}::gate-all PASSED*"])


def test_a_prompt_of_no_pipeline_has_no_items(world):
    world.repo.prompt(name="animals", count=3)
    world.repo.write("pipelines/all.yaml", json.dumps({"prompts": ["colours"], "models": [PUPIL]}))
    assert len(_ids(world.run("--collect-only", "-q"))) == 3


def test_only_what_lies_in_prompts_is_a_prompt(world):
    text = world.text("prompts/colours/prompt.yaml")
    for path in ("tests/colours/prompt.yaml", "prompts/colours/old/prompt.yaml"):
        world.repo.write(path, text)
    world.repo.write("prompts/_shared/prompt.yaml", "")
    assert len(_ids(world.run("--collect-only", "-q"))) == 3


@pytest.mark.parametrize(
    ("model_id", "name"),
    [
        ("openai/gpt-4.1-mini", "openai/gpt-4.1-mini"),
        ("bedrock/anthropic.claude-v2:1", "bedrock/anthropic.claude-v2:1"),
        ("local//home/me/a model.gguf", "local%2F%2Fhome%2Fme%2Fa%20model.gguf"),
        ("odd::id", "odd%3A%3Aid"),
        ("odd[1]", "odd%5B1%5D"),
        ("odd:", "odd%3A"),
    ],
)
def test_a_model_id_that_a_node_id_cannot_hold_is_spelt_as_its_folder(model_id, name):
    assert node_name(model_id) == name


def test_fixtures_of_the_users_own_work_around_the_items(world):
    world.repo.write(
        "conftest.py",
        "import pytest\n\n"
        "@pytest.fixture(autouse=True, scope='module')\n"
        "def around(request):\n    print('around', request.node.name)\n    yield\n",
    )
    world.bless()
    result = world.run("-m", "landrace", "-rP")
    result.assert_outcomes(passed=2, deselected=1)
    result.stdout.fnmatch_lines(["around prompt.yaml"])
