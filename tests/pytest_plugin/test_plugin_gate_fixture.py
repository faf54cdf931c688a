"""``landrace_gate``: the gate between two commits, in a team's own test."""

from __future__ import annotations

import pytest

from landrace.errors import TransientCallError

TEST = """
def test_prompts(landrace_gate):
    report = landrace_gate({arguments})
    assert report.verdict != "FAIL", report.reason
"""


def _test(world, arguments='base="main"', check=""):
    world.repo.write("tests/test_other.py", TEST.format(arguments=arguments) + check)


def test_a_regression_fails_the_test_and_shows_the_gates_report(world):
    _test(world)
    world.repo.template(60)
    result = world.pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Captured stdout call*", "FAIL: 1 of 1 changed cell*"])


def test_it_is_there_without_the_option_and_beside_it(world):
    world.bless()
    _test(world, 'base="main", head="main"')
    world.pytest().assert_outcomes(passed=1)
    world.run().assert_outcomes(passed=3)
    assert world.gateway.requests == ()


def test_a_harmless_change_passes(world):
    _test(world, check='    assert report.cells[0].prompt == "colours"\n')
    world.repo.template(90, "Red, or blue?")
    world.pytest().assert_outcomes(passed=1)


def test_prompts_models_and_ceilings_are_chosen(world):
    _test(
        world,
        'base="main", prompts=["col*"], models=["fake/pupil"], max_calls=100',
        '    assert (report.verdict, report.exit_code) == ("NOT EVALUATED", 5)\n',
    )
    world.repo.template(60)
    world.pytest().assert_outcomes(passed=1)


def test_an_outage_is_neither_pass_nor_failure(world):
    _test(world, check='    assert report.verdict == "NOT EVALUATED"\n')
    world.repo.template(60)
    world.answer(lambda _request: TransientCallError("503"))
    world.pytest().assert_outcomes(passed=1)


def test_two_tests_pay_for_each_answer_once(world):
    _test(world, check=TEST.format(arguments='base="main"').replace("prompts", "again", 1))
    world.repo.template(60)
    world.pytest().assert_outcomes(failed=2)
    assert len(world.gateway.requests) == len(set(world.paid())) == 300


def test_an_error_is_landraces_own_and_without_its_insides(world):
    _test(world, 'base="nowhere"')
    result = world.pytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ['>*landrace_gate(base="nowhere")', "E *there is no commit `nowhere` here"]
    )
    result.stdout.no_fnmatch_line("*landrace/*.py*")


def test_a_team_can_expect_an_error(world):
    world.repo.write(
        "tests/test_other.py",
        "import pytest\nfrom landrace.errors import ConfigError\n\n"
        "def test_names(landrace_gate):\n"
        "    with pytest.raises(ConfigError, match='prompt `colors`'):\n"
        "        landrace_gate(base='main', prompts=['colors'])\n",
    )
    world.repo.template(60)
    world.pytest().assert_outcomes(passed=1)


def test_without_a_repository_the_test_is_an_error_with_the_message(pytester, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(pytester.path.parent))
    pytester.makepyfile(TEST.format(arguments='base="main"'))
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*not inside a git repository", "*git init*"])
    result.stdout.no_fnmatch_line("*gate.py*")


@pytest.mark.parametrize("workers", ["2"])
def test_workers_that_ask_about_the_same_cell_pay_for_each_answer_once(world, workers):
    _test(world, check=TEST.format(arguments='base="main"').replace("prompts", "again", 1))
    world.repo.template(60)
    world.run_apart("-n", workers, "tests").assert_outcomes(failed=2)
    assert len(world.paid()) == len(set(world.paid())) == 300
