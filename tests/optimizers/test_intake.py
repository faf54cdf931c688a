"""Who is taken into a study, and who is not."""

from __future__ import annotations

import pytest

from landrace.errors import RefusedError
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Policy
from sammo_world import SOURCE, records_of, study_of


def said(text):
    return Candidate.plain(operator="said", layout="user", instruction=text)


def test_what_comes_to_the_same_variant_is_one(tmp_path):
    with study_of(tmp_path) as study:
        first, second = study.admit(said("Red?")), study.admit(said("Red?"))
        assert second is first
        assert list(study.entries.values()) == [study.base, first]


def test_what_fails_or_is_too_long_is_dropped_and_the_rest_stays(tmp_path):
    broken = Candidate.plain(operator="broken", source="{{ nothing }}")
    with study_of(tmp_path, policy=Policy(max_growth=2)) as study:
        kept = study.admit_all([broken, said("Red? " * 500), said("Red?"), said("Red?")])
        assert [entry.candidate.operator for entry in kept] == ["said"]
    dropped = [record["operator"] for record in records_of(tmp_path, "dropped")]
    assert dropped == ["broken", "said"]


def test_what_was_left_behind_does_not_come_back(tmp_path):
    served = Candidate.plain(operator="incumbent", source=f"Please.\n\n{SOURCE}")
    with study_of(tmp_path, incumbent=served) as study:
        study.leave_incumbent("it is old")
        assert study.rival is study.base
        with pytest.raises(RefusedError, match="left behind"):
            study.admit(served)
