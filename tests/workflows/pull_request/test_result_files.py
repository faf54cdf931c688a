"""What leaves the job that calls models is no larger than what may be committed."""

from __future__ import annotations

import pytest

from landrace.errors import ConfigError, FormatError
from landrace.schemas.evidence import RecordedAnswer
from landrace.workflows.pull_request import evidence
from landrace.workflows.pull_request.comparisons import Compared
from landrace.workflows.pull_request.result_files import result_files
from landrace.workflows.stored_reports import read_report
from pull_request_world import CELL, PROMPT, PUPIL

ANSWERS = tuple(RecordedAnswer(side="head", case=f"c{n}", score=1.0) for n in range(100))


def files_of(world, kind: str, compared: Compared) -> dict[str, str]:
    with world.opened() as change:
        work = change.scope.cells[0]._replace(kind=kind)
        return result_files(work, compared, change.check).files


def test_evidence_that_is_too_large_to_be_committed_says_what_helps(landed, monkeypatch):
    text = files_of(landed.world, "measure", Compared(1, ANSWERS))["evidence.json"]
    monkeypatch.setattr(evidence, "MOST_EVIDENCE_BYTES", len(text))
    assert files_of(landed.world, "measure", Compared(1, ANSWERS)) == {"evidence.json": text}
    monkeypatch.setattr(evidence, "MOST_EVIDENCE_BYTES", len(text) - 1)
    with pytest.raises(ConfigError, match=r"100 answers: hold out fewer cases, or lower the `rep"):
        files_of(landed.world, "measure", Compared(1, ANSWERS))


def test_a_report_of_very_many_cases_is_taken_and_shown(landed):
    world, path = landed.world, f"{CELL}/report.json"
    long = world.read(path) + " " * (2 << 20)
    world.repo.write(path, long)
    world.commit()
    assert files_of(world, "optimize", Compared())["report.json"] == long
    with world.opened() as change:
        assert read_report(change.check.head.project, PROMPT, PUPIL).prompt == PROMPT


def test_a_report_that_is_larger_than_any_file_of_a_cell_is_not(landed):
    landed.world.repo.write(f"{CELL}/report.json", " " * (5 << 20))
    landed.world.commit()
    with pytest.raises(FormatError, match="larger than"):
        files_of(landed.world, "optimize", Compared())
