"""What one process of pytest holds, and what it shares with the others."""

from __future__ import annotations

import pytest

from landrace.gateway import connect
from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.pytest_plugin.workbench import workbench
from skill import PROMPT, PUPIL, TWIN, pupil

CELL = (PROMPT, PUPIL)
KEY = "0" * 64

fcntl = pytest.importorskip("fcntl", reason="nothing is held on Windows")


@pytest.fixture
def bench(world, pytester):
    del world  # makes the repository that is the working directory
    return workbench(pytester.parseconfigure("--landrace"))


def _is_held(bench, path):
    with (bench.project.root / ".landrace/locks" / path).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_no_other_worker_asks_about_the_same_cell(bench):
    with bench.asking([CELL], []):
        assert _is_held(bench, "colours/fake%2Fpupil.lock")
    assert not _is_held(bench, "colours/fake%2Fpupil.lock")


def test_a_cell_that_is_named_twice_is_held_once(bench):
    with bench.asking([CELL, (PROMPT, TWIN), CELL], []):
        assert _is_held(bench, "colours/fake%2Fpupil.lock")
        assert _is_held(bench, "colours/fake%2Ftwin.lock")


def test_what_others_have_asked_meanwhile_is_known(bench):
    with bench.asking([CELL], []) as services:
        assert services.ledger.call(KEY) is None
    with Ledger(bench.project.root / ".landrace/ledger.jsonl") as other:
        other.append({"kind": "call", "key": KEY, "study": "gate"})
    with bench.asking([CELL], []) as again:
        assert again is services
        assert services.ledger.call(KEY) is not None


def test_models_are_opened_at_the_first_question_and_closed_with_the_run(world, monkeypatch):
    said = []

    class Noted(ScriptedGateway):
        def close(self):
            said.append("closed")

    def opened(_at_once):
        said.append("opened")
        return Noted(pupil)

    monkeypatch.setattr(connect, "connect", opened)
    world.run("-m", "landrace_snapshot")
    assert said == []
    world.run("-m", "landrace_gate")
    assert said == ["opened", "closed"]


def test_each_model_is_called_as_often_at_once_as_its_pipeline_says(world, monkeypatch):
    asked = []

    def note(at_once):
        asked.append(at_once)
        return ScriptedGateway(pupil)

    monkeypatch.setattr(connect, "connect", note)
    world.repo.pipeline({"id": PUPIL, "concurrency": 3}, TWIN)
    world.run("-m", "landrace_gate").assert_outcomes(failed=2, deselected=3)
    assert asked == [{PUPIL: 3, TWIN: 8}]


def test_files_of_a_cell_are_told_from_the_rootdir(bench):
    (cell,) = bench.cells[PROMPT]
    path = bench.file(cell, "snapshot.txt")
    assert bench.shown(path) == "tests/landrace/colours/fake%2Fpupil/snapshot.txt"
    outside = bench.project.root.parent / "snapshot.txt"
    assert bench.shown(outside) == outside.as_posix()
