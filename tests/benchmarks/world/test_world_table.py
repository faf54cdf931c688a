"""The benchmark from end to end: trials run once, are kept, and become tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.world.__main__ import main
from benchmarks.world.tables import report
from benchmarks.world.trial import Plan, run

from benchmarks.world import kept

PLAN = Plan("demos", "auto", 100, 0)
ARGUMENTS = ["--calls", "60", "--repetitions", "2", "--landscapes", "demos", "two nodes"]


@pytest.fixture(scope="module")
def trial():
    return run(PLAN)


def test_a_trial_stays_within_its_budget_and_tells_the_truth(trial):
    assert 0 < trial.spent_calls <= 100
    assert 0 < trial.base < 1
    assert 0 < trial.chosen < 1
    assert trial.plan == PLAN


def test_a_trial_is_a_pure_function_of_its_plan(trial):
    assert replace(run(PLAN), seconds=0) == replace(trial, seconds=0)


def test_the_table_shows_every_strategy_and_how_auto_stands(tmp_path, capsys):
    arguments = [*ARGUMENTS, "--strategies", "auto", "capo", "--results", str(tmp_path)]
    main(arguments)
    first = capsys.readouterr().out
    assert "### demos: examples help most" in first
    assert "### mean over landscapes" in first
    assert "| capo |" in first
    assert "| demos | 60 | capo |" in first
    before = (tmp_path / kept.FILE).read_bytes()
    main(arguments)
    assert capsys.readouterr().out == first
    assert (tmp_path / kept.FILE).read_bytes() == before


def test_without_auto_nothing_is_said_of_how_it_stands(trial):
    text = report([replace(trial, strategy="capo")], {"demos": "examples help most"})
    assert "auto" not in text
    assert text.splitlines()[-1].startswith("| capo |")


def test_a_line_cut_off_and_an_older_version_are_run_again(tmp_path, trial):
    kept.keep(tmp_path, trial)
    kept.keep(tmp_path, replace(trial, repetition=1, version="0/0"))
    with (tmp_path / kept.FILE).open("a") as file:
        file.write('{"landscape": "demos", "strat')
    assert kept.load(tmp_path) == {PLAN: trial}
    kept.keep(tmp_path, replace(trial, repetition=2))
    assert {plan.repetition for plan in kept.load(tmp_path)} == {0, 2}


def test_standing_is_paired_by_repetition(trial):
    """Both gain 10 points more in one world than in the other; their difference never varies."""
    trials = [
        replace(trial, strategy=strategy, repetition=number, base=0.5, chosen=0.6 + gain)
        for number, shift in enumerate((0.0, 0.1, 0.2))
        for strategy, gain in (("auto", shift), ("capo", shift + 0.02 + 0.001 * number))
    ]
    text = report(trials, {"demos": "examples help most"})
    assert "| demos | 100 | capo | +22.1 ± 5.8 | +20.0 ± 5.8 | -2.1 ± 0.1 | -36.4 |" in text
