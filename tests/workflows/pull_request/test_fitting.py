"""A results file that the commit job would refuse for its size is made smaller."""

from __future__ import annotations

import pytest

from landrace.commands.change import write_results
from landrace.schemas.gate_report import GateSpent
from landrace.schemas.results import CellFiles, Results
from landrace.workflows.pull_request import fitting as module
from landrace.workflows.pull_request.fitting import fitting

SPENT = GateSpent(calls=7, reused=0, prompt_tokens=1, completion_tokens=1, cost_usd=None)


def cell(model: str, size: int) -> CellFiles:
    return CellFiles(prompt="colours", model=model, files={"evidence.json": "x" * size})


def of(*cells: CellFiles, gate=None) -> Results:
    ends = {"base": "0" * 40, "head": "1" * 40}
    return Results(**ends, run="run-1", cells=cells, unfinished=(), gate=gate)


@pytest.fixture(autouse=True)
def most(monkeypatch) -> int:
    monkeypatch.setattr(module, "MOST_RESULT_BYTES", 40_000)
    return 40_000


def test_what_fits_is_left_alone(reworded):
    results = of(cell("a", 30_000), gate=reworded.results.gate)
    assert fitting(results, {}) == results


def test_cells_for_which_there_is_no_room_are_left_for_the_next_run(tmp_path, most):
    results = of(cell("a", 20_000), cell("b", 20_000), cell("c", 5_000))
    found = fitting(results, {("colours", "b"): SPENT})
    assert [one.model for one in found.cells] == ["a", "c"]
    (left,) = found.unfinished
    assert (left.model, left.exit_code, left.spent) == ("b", 5, SPENT)
    assert "the next run has room for it" in left.reason
    write_results(found, tmp_path / "results.json")
    assert (tmp_path / "results.json").stat().st_size <= most


def test_scores_that_no_report_takes_from_there_go_before_cells(reworded, most):
    gate = reworded.results.gate
    (compared,) = gate.cells
    scores = compared.scores * 20
    gate = gate.model_copy(update={"cells": (compared.model_copy(update={"scores": scores}),)})
    found = fitting(of(cell("a", 5_000), gate=gate), {})
    assert [one.model for one in found.cells] == ["a"]
    assert found.gate.cells[0].flips == compared.flips
    assert found.gate.cells[0].scores == ()
    assert found.unfinished == ()
