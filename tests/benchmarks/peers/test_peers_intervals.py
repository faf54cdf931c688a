"""The interval of a mean over tasks."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchmarks.peers.intervals import over_tasks


def scores(seeds: int, cases: int, share: float) -> np.ndarray:
    """The same right cases for each seed."""
    right = np.arange(cases) < share * cases
    return np.tile(right.astype(float), (seeds, 1))


def test_every_task_weighs_the_same_whatever_its_size():
    assert over_tasks([scores(1, 100, 1.0), scores(3, 10, 0.0)]).mean == 0.5


def test_one_seed_gives_the_width_that_the_cases_say():
    found = over_tasks([scores(1, 400, 0.5)])
    half = 1.96 * math.sqrt(0.25 / 400)
    assert found.low == pytest.approx(0.5 - half, abs=0.006)
    assert found.high == pytest.approx(0.5 + half, abs=0.006)


def test_more_tasks_make_it_narrower():
    one, four = (over_tasks([scores(1, 100, 0.5)] * count) for count in (1, 4))
    assert (four.high - four.low) == pytest.approx((one.high - one.low) / 2, rel=0.1)


def test_seeds_that_differ_make_it_wider_than_seeds_that_agree():
    apart = np.vstack([scores(1, 100, 0.2), scores(1, 100, 0.5), scores(1, 100, 0.8)])
    agreed, differing = over_tasks([scores(3, 100, 0.5)]), over_tasks([apart])
    assert agreed.mean == pytest.approx(differing.mean)
    assert differing.high - differing.low > 1.5 * (agreed.high - agreed.low)


def test_it_is_the_same_at_each_call():
    tasks = [scores(2, 50, 0.3), scores(2, 50, 0.9)]
    assert over_tasks(tasks) == over_tasks(tasks)
