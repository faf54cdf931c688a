"""What a stage may spend, and what is kept of it."""

from __future__ import annotations

import pytest

from landrace.errors import ConfigError
from landrace.gateway.metered import Meter
from landrace.ledger import Ledger
from landrace.optimizers.stages import Stages
from landrace.optimizers.study_log import StudyLog
from landrace.schemas.pipeline import Budget
from sammo_world import records_of, study_of


def test_a_stage_leaves_what_it_saves_to_the_next(tmp_path):
    with study_of(tmp_path) as study:
        study.shares.update(first=10, second=5)
        with study.stage("first") as runs:
            assert runs == 10
            study.evaluate([study.base], study.select[:4])
        with study.stage("second") as runs:
            assert runs == study.runs_left() == 11
        assert study.runs_of("second") == 5
        assert [stage.calls for stage in study.stages] == [4, 0]


def test_the_end_of_a_stages_calls_ends_the_stage_alone(tmp_path):
    with study_of(tmp_path) as study:
        study.shares.update(short=3, next=2)
        with study.stage("short", "too few") as runs:
            study.evaluate([study.base], study.select)
        assert runs == 3
        with study.stage("next") as runs:
            assert runs == 2
    (cut,) = records_of(tmp_path, "stage cut short")
    assert cut["stage"] == "short"
    first, _ = records_of(tmp_path, "stage")
    assert (first["note"], first["calls"], first["candidates"]) == ("too few", 3, 0)


def test_a_stage_tells_what_is_new_and_what_is_best(tmp_path):
    with study_of(tmp_path) as study:
        with study.stage("words"):
            words = study.base.candidate.changed("words", instruction="Red?", layout="user")
            study.evaluate(study.admit_all([words]), study.select)
        (stage,) = study.stages
        assert (stage.candidates, stage.cases) == (1, len(study.select))
        assert stage.best == study.table.mean(study.best().digest, study.select)


def test_a_stage_that_was_not_planned_is_named_with_those_that_were(tmp_path):
    shares = {"probe": 3, "edit": 2}
    meter = Meter(Budget(calls=5))
    with Ledger(tmp_path / "ledger.jsonl") as ledger:
        stages = Stages(shares, meter, StudyLog(ledger, "s"), calls_a_run=1, on_progress=print)
        with pytest.raises(ConfigError, match=r"no stage `edits`.*has probe, edit"):
            stages.runs_of("edits")
        with pytest.raises(ConfigError, match="no stage `edits`"), stages.capped("edits"):
            pass
        with stages.capped("edit") as runs:
            assert runs == 2
