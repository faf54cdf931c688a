"""Changes of which the truth is known, judged as a run does: two looks, several cells, Holm.

A small version of benchmarks/gate_truth.py. Seeds are fixed, so a bound that holds, holds.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from gate_cells import cell

from landrace.gate.judge import judge
from landrace.gate.trials import trials
from landrace.schemas.gate_policy import Rule
from landrace.stats import Pairs
from landrace.stats.power import detectable_drop
from landrace.stats.spending import spent_at

CASES, CELLS, RUNS = 80, 4, 100
ALLOWED = 0.05
LOOKS = (0.5, 1.0)
ERRORS = [0.05 * share for share in spent_at(LOOKS)]
MEAN = 0.75  # of the base, and so the largest drop there is
KINDS = ("binary", "graded")


def scores(kind, difficulty, rng):
    if kind == "binary":
        return (rng.random(difficulty.size) < difficulty).astype(float)
    return np.round(rng.beta(4 * difficulty, 4 * (1 - difficulty)) * 20) / 20


def change(kind, drop, rng, cases=CASES):
    """Both sides' scores: seven answers of ten are the same, and as many cases break as drop."""
    difficulty = np.clip(rng.beta(3, 1, cases), 1e-6, 1 - 1e-6)
    base, again = scores(kind, difficulty, rng), scores(kind, difficulty, rng)
    head = np.where(rng.random(cases) < 0.7, base, again)
    return base, np.where(rng.random(cases) < drop / MEAN, 0.0, head)


def verdicts(sides):
    """What a run says of its cells, each left at the look that decides it."""
    found = dict.fromkeys(range(len(sides)), "INCONCLUSIVE")
    remaining = len(sides)
    for look, error in zip(LOOKS, ERRORS, strict=True):
        waiting = [number for number, verdict in found.items() if verdict == "INCONCLUSIVE"]
        tested = [
            trial
            for number in waiting
            for trial in trials(first(sides[number], look), [Rule()], error)
        ]
        judged = judge(tested, remaining)
        remaining = judged.remaining
        for number, claim in zip(waiting, judged.claims, strict=True):
            found[number] = claim.verdict
    return list(found.values())


def first(sides, share):
    count = int(share * len(sides[0]))
    base, head = (side[:count].tolist() for side in sides)
    return cell(*zip(base, head, strict=True))


@pytest.fixture(autouse=True)
def no_flips(monkeypatch):
    """A claim's p decides nothing; flipping signs for it would take most of the time."""
    monkeypatch.setattr(Pairs, "p", 1.0)


@cache
def simulated(kind, drop):
    """For each run its cells' true-drop sides, and what was said of them."""
    rng = np.random.default_rng([KINDS.index(kind), round(1000 * drop)])
    runs = [[change(kind, drop, rng) for _ in range(CELLS)] for _ in range(RUNS)]
    return runs, [verdicts(run) for run in runs]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("drop", [0.0, ALLOWED])
def test_a_run_seldom_fails_what_is_allowed(kind, drop):
    _, found = simulated(kind, drop)
    assert sum("FAIL" in run for run in found) <= 0.05 * RUNS


@pytest.mark.parametrize("kind", KINDS)
def test_a_little_more_than_is_allowed_seldom_passes(kind):
    _, found = simulated(kind, ALLOWED + 0.02)
    assert sum(run.count("PASS") for run in found) <= 0.025 * RUNS * CELLS


def test_comparing_two_means_would_fail_many_runs_without_a_change():
    """What most tools do, on the same answers: this is why the gate does not."""
    runs, _ = simulated("binary", 0.0)
    lower = [min(head.mean() - base.mean() for base, head in run) for run in runs]
    assert sum(difference < -ALLOWED for difference in lower) > 0.2 * RUNS
    assert sum(difference < 0 for difference in lower) > 0.8 * RUNS


@pytest.mark.parametrize("kind", KINDS)
def test_a_drop_twice_as_large_as_is_detectable_fails_and_never_passes(kind):
    drop = min(MEAN, 2 * detectable(kind))
    found = one_changed_cell(kind, drop)
    assert found.count("FAIL") >= 0.95 * RUNS
    assert found.count("PASS") == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_detectable_drop_fails_four_times_of_five(kind):
    found = one_changed_cell(kind, detectable(kind))
    assert found.count("FAIL") >= 0.8 * RUNS
    assert found.count("PASS") == 0


def detectable(kind):
    """As a report says it, of a cell without a drop."""
    base, head = change(kind, 0.0, np.random.default_rng(1), cases=20_000)
    pairs = Pairs(head.tolist(), base.tolist())
    return detectable_drop(
        cases=CASES, noise=pairs.noise, allowed=ALLOWED, error=ERRORS[-1], binary=pairs.binary
    )


def one_changed_cell(kind, drop):
    rng = np.random.default_rng(3)
    return [verdicts([change(kind, drop, rng)])[0] for _ in range(RUNS)]
