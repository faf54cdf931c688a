"""Several processes at once."""

from __future__ import annotations

from plugin_world import ALL, HOLDOUT, SNAPSHOT

from skill import PUPIL, TWIN


def test_workers_share_the_items_and_pay_for_each_answer_once(world):
    """Of three items of a cell in two workers, both gates ask about the holdout."""
    world.repo.pin(95)
    result = world.run_apart("-n", "2", "-m", "landrace")
    result.assert_outcomes(failed=3)
    assert all(world.exists(path) for path in (SNAPSHOT, ALL, HOLDOUT))
    assert len(world.paid()) == len(set(world.paid())) == 300
    world.run_apart("-n", "2").assert_outcomes(passed=4)
    assert len(world.paid()) == 300


def test_workers_collect_the_same_in_the_same_order(world):
    world.repo.prompt(name="animals", count=30)
    world.repo.pipeline(TWIN, PUPIL)
    result = world.run_apart("-n", "2", "--dist", "loadscope", "-q", "--regen-all")
    result.assert_outcomes(passed=9)
    result.stdout.no_fnmatch_line("*Different tests were collected*")


def test_verdicts_and_warnings_come_through_from_workers(world):
    world.repo.prompt(count=40)
    world.run_apart("--regen-all")
    world.repo.template(90, "Red, or blue?")
    result = world.run_apart("-n", "1", "-m", "landrace_gate")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*InconclusiveWarning: *"])
