from __future__ import annotations

import pytest

from landrace.optimizers.allocation.rungs import halving
from landrace.optimizers.allocation.screening import screen
from sammo_world import study_of


def candidates(study, count):
    found = [
        study.base.candidate.changed("given", instruction=f"Red or blue, {n}?", layout="user")
        for n in range(count)
    ]
    return study.admit_all(found)


@pytest.mark.parametrize("runs", [16, 40, 200])
def test_more_candidates_than_runs_can_meet_do_not_pass_the_runs(tmp_path, runs):
    with study_of(tmp_path) as study:
        entries = candidates(study, 30)
        found = screen(study, entries, halving(30, 4, runs, len(study.select)))
        assert len(found) == 4
        assert 0 < len(study.table) <= runs
