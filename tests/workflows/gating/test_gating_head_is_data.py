"""Nothing of head is run, and nobody is called or believed on its word."""

from __future__ import annotations

import json

import pytest

from gating_world import verdicts
from skill import PROMPT, PUPIL, TWIN, pupil, words


class TestHeadIsData:
    GOOD = "def same(inputs, expected, output, answer):\n    return answer == expected\n"

    @pytest.fixture
    def graded(self, world):
        world.config(metrics=[{"metric": "python", "function": "graders/g.py:same"}])
        world.repo.write("graders/g.py", self.GOOD)
        world.commit()
        return world

    @pytest.mark.parametrize("committed", [True, False])
    def test_a_grader_of_head_is_never_run(self, graded, committed, tmp_path):
        trace = tmp_path / "trace"
        attack = f"from pathlib import Path\nPath({str(trace)!r}).write_text('run')\n"
        graded.branch()
        graded.repo.write(
            "graders/g.py",
            f"{attack}def same(*_):\n    Path({str(trace)!r}).write_text('called')\n    return 1\n",
        )
        graded.repo.write("conftest.py", attack)
        graded.repo.write("graders/__init__.py", attack)
        graded.template(5)
        if committed:
            graded.commit()
        run = graded.gate(head="topic" if committed else None)
        assert set(verdicts(run).values()) == {"FAIL"}, "base's grader judged"
        assert not trace.exists()
        drift = run.report.cells[0].drift
        assert drift.refused == "the code of a grader changed, and code of head is not run"
        assert drift.new is None

    def test_a_grader_that_head_adds_is_never_run(self, world, tmp_path):
        trace = tmp_path / "trace"
        world.repo.write("g.py", f"open({str(trace)!r}, 'w')\ndef same(*_):\n    return 1\n")
        world.config(metrics=[{"metric": "python", "function": "g:same"}])
        world.template(5)
        assert world.gate().report.verdict == "FAIL"
        assert not trace.exists()

    @pytest.mark.parametrize(
        "judge", [{"model": "fake/dear"}, {"params": {"api_base": "http://elsewhere.example"}}]
    )
    def test_a_judge_of_head_is_never_called(self, world, judge):
        mine = {"metric": "llm_judge", "model": "fake/judge", "rubric": "Red?"}
        world.config(metrics=[mine])
        world.commit()
        world.config(metrics=[{**mine, **judge}])
        world.template(5)

        def answer(request):
            if request.model == "fake/judge":
                assert "api_base" not in request.params
                found = "red" in request.messages[-1].content.split("BEGIN answer")[-1]
                return json.dumps({"score": 5 if found else 1, "reason": "x"})
            return pupil(request)

        run = world.gate(answer)
        assert run.report.verdict == "FAIL"
        assert {request.model for request in run.gateway.requests} == {PUPIL, TWIN, "fake/judge"}
        assert "head asks a judge that base does not ask" in run.report.cells[0].drift.refused

    def test_policy_models_and_thresholds_are_bases(self, world):
        lax = {"metrics": [{"allowed_drop": 1}], "confidence": 0.51, "severe_drop": 1}
        world.pipeline(models=["fake/elsewhere"], gate=lax)
        world.config(metrics=[{"metric": "length", "limit": 9999}], splits={"seed": 9})
        world.cases(words(3))
        world.template(5)
        run = world.gate()
        assert verdicts(run) == {(PROMPT, PUPIL): "FAIL", (PROMPT, TWIN): "FAIL"}
        cell = run.report.cells[0]
        assert cell.changed == ("template", "cases", "metrics", "splits")
        assert (cell.cases, cell.confidence, cell.claims[0].allowed) == (60, 0.95, 0.05)
        assert run.report.notes == (
            "pipelines/all.yaml changed: base's models and policy decide here",
            "the metrics of colours changed: base's decide here",
        )
