"""What is wrong in a repository, as a user of pytest sees it."""

from __future__ import annotations

import pytest
from plugin_world import CELL

from landrace.errors import ModelError
from landrace.gateway import connect


def _no_traceback(result):
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*landrace/*.py*")


def test_a_broken_prompt_is_told_once_by_file_and_line(world):
    world.repo.edit("prompts/colours/prompt.yaml", '"output"', '"outptu"')
    result = world.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR collecting prompts/colours/prompt.yaml*",
            "*prompt.yaml:1: *`outptu` is not a known key",
        ]
    )
    _no_traceback(result)


def test_a_broken_pipeline_is_told_by_file_and_line(world):
    world.repo.write("pipelines/all.yaml", "prompts: ['*']\nmodels: []\n")
    result = world.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["pipelines/all.yaml:2: `models` must not be empty"])
    _no_traceback(result)


def test_without_a_pipeline_the_way_to_one_is_told(world):
    (world.repo.root / "pipelines/all.yaml").unlink()
    result = world.run()
    result.stdout.fnmatch_lines(["pipelines: there is no pipeline", "*landrace init*"])


def test_a_broken_template_is_an_error_of_each_item(world):
    world.bless()
    world.repo.write("prompts/colours/prompt.jinja", "fine\n{{ colour }}\n")
    result = world.run("-m", "landrace")
    result.assert_outcomes(errors=2, deselected=1)
    result.stdout.fnmatch_lines(["prompts/colours/prompt.jinja:2: case `word*` does not render: *"])
    _no_traceback(result)


def test_a_variant_edited_by_hand_is_an_error(world):
    world.repo.pin(95)
    world.bless()
    world.repo.edit("registry/colours/fake%2Fpupil/prompt.jinja", "Pinned", "Edited")
    result = world.run("-m", "landrace")
    result.assert_outcomes(errors=3, deselected=1)
    result.stdout.fnmatch_lines(["*the file is not the one that its pin names"])
    _no_traceback(result)


def test_a_model_that_cannot_be_called_is_an_error(world, monkeypatch):
    def refuse(model, _params=None):
        raise ModelError("no key is set", where=model, fix="set FAKE_API_KEY")

    monkeypatch.setattr(connect, "check_model", refuse)
    result = world.run("-m", "landrace_gate")
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines(["fake/pupil: no key is set", "*set FAKE_API_KEY"])
    _no_traceback(result)


def test_a_judge_that_cannot_be_called_is_an_error_before_the_first_answer(world, monkeypatch):
    def refuse(model, _params=None):
        if model == "fake/judge":
            raise ModelError("no key is set", where=model)

    monkeypatch.setattr(connect, "check_model", refuse)
    judge = '{"metric": "llm_judge", "model": "fake/judge", "rubric": "Is it red?"}'
    world.repo.edit("prompts/colours/prompt.yaml", '"metrics": [', f'"metrics": [{judge}, ')
    world.repo.commit()
    world.repo.template(60)
    world.repo.write(
        "tests/test_other.py", 'def test_it(landrace_gate):\n    landrace_gate(base="main")\n'
    )
    world.run("-m", "landrace_gate").assert_outcomes(errors=1, deselected=2)
    result = world.pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*fake/judge: no key is set"])
    assert world.gateway.calls == 0


def test_a_secret_in_a_message_is_not_shown(world, monkeypatch):
    secret = "sk-" + "a1" * 20

    def refuse(model, _params=None):
        raise ModelError(f"the key {secret} is refused", where=model)

    monkeypatch.setattr(connect, "check_model", refuse)
    result = world.run("-m", "landrace_gate")
    result.stdout.fnmatch_lines(["fake/pupil: the key *is refused"])
    result.stdout.no_fnmatch_line(f"*{secret}*")


def test_a_bug_keeps_its_traceback(world, monkeypatch):
    def wrong(_model, _params=None):
        raise ZeroDivisionError

    monkeypatch.setattr(connect, "check_model", wrong)
    result = world.run("-m", "landrace_gate")
    result.assert_outcomes(errors=1, deselected=2)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])


def test_outside_a_repository_the_option_is_a_usage_error(pytester, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(pytester.path.parent))
    result = pytester.runpytest_inprocess("--landrace")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *not inside a git repository"])


def test_without_prompts_the_option_is_a_usage_error(pytester):
    pytester.run("git", "init", "--quiet")
    result = pytester.runpytest_inprocess("--landrace")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *there are no prompts", "*landrace init*"])


def test_a_warning_made_an_error_fails_with_its_message(world):
    world.repo.prompt(count=40)
    world.bless()
    world.repo.template(90, "Red, or blue?")
    category = "landrace.pytest_plugin.InconclusiveWarning"
    result = world.run("-m", "landrace_gate", "-W", f"error::{category}")
    result.assert_outcomes(failed=1, deselected=2)
    result.stdout.fnmatch_lines(["colours on fake/pupil, gate-all: INCONCLUSIVE: *"])
    result = world.run("-m", "landrace_gate", "-W", f"ignore::{category}", "-v")
    result.assert_outcomes(passed=1, deselected=2, warnings=0)
    result.stdout.fnmatch_lines([f"{CELL}::gate-all PASSED*"])
