"""From a human's push to a gate that passes without a call, and to a fixpoint."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import jsonschema
import pytest

from landrace.errors import OutageError
from landrace.gateway.scripted import ScriptedGateway
from landrace.workflows.pull_request.gather import gather
from landrace.workflows.pull_request.offline_gate import gate_offline
from landrace.workflows.pull_request.planned import planned
from pull_request_world import CELL, PROMPT, PUPIL, World, cell_of, pupil, with_file

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"


def test_a_change_is_optimized_committed_and_passes_on_its_evidence(world):
    world.template(51)
    world.commit()
    assert world.todo() == {(PROMPT, PUPIL): "optimize: there is no pin yet"}
    before = world.gate_offline()
    assert (before.verdict, before.exit_code) == ("NOT EVALUATED", 4)

    world.finish()

    assert world.todo() == {}
    after = world.gate_offline()
    assert (after.verdict, after.exit_code) == ("PASS", 0)
    assert after.spent.calls == 0
    cell = cell_of(after)
    assert cell.claims
    assert cell.scored > 20


@pytest.mark.parametrize("name", ["evidence", "results", "pull-request", "plan"])
def test_what_is_written_fits_its_published_schema(landed, name):
    world, results = landed
    with world.opened() as change:
        plan = planned(change, lambda _model: None)
        told = gather(gate_offline(change), change, run="run-1", plan=plan, results=results)
    written = {
        "evidence": world.read(f"{CELL}/evidence.json"),
        "results": results.model_dump_json(),
        "pull-request": told.model_dump_json(),
        "plan": plan.model_dump_json(),
    }
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(json.loads(written[name]))


def test_a_report_tells_of_its_searches_and_what_they_took(landed):
    world, results = landed
    with world.opened() as change:
        told = gather(
            gate_offline(change), change, run="run-1", results=results, committed="c" * 40
        )
    (search,) = told.searches
    assert told.spent.calls == search.spent.calls + results.gate.spent.calls
    assert told.committed == "c" * 40
    assert told.gate.verdict == "PASS"


def silent_after(calls: int):
    asked = itertools.count(1)

    def script(request):
        return pupil(request) if next(asked) <= calls else OutageError("down")

    return script


@pytest.mark.parametrize(
    ("script", "gate"),
    [(pupil, {"budget": {"calls": 5}}), (silent_after(120), {})],
    ids=["its comparison is not finished", "it is not finished itself"],
)
def test_what_a_search_took_is_told_though(tmp_path, script, gate):
    world = World.make(tmp_path / "repo", gate=gate)
    world.template(51)
    world.commit()
    gateway = ScriptedGateway(script, price_usd=0.001)
    results = world.carry_out(gateway=gateway)
    assert results.cells == ()
    assert results.unfinished[0].spent.calls > 30
    with world.opened() as change:
        told = gather(gate_offline(change), change, run="run-1", results=results)
    assert told.spent.calls == len(gateway.requests)
    assert told.spent.cost_usd >= 0.001 * 120


def test_what_could_not_be_committed_is_told_as_that(reworded):
    world, results = reworded
    with world.opened() as change:
        told = gather(gate_offline(change), change, run="run-1", results=results)
    assert (told.searches, told.gate.verdict) == ((), "NOT EVALUATED")
    (found,) = told.uncommitted
    assert (found.prompt, found.model, found.decision) == (PROMPT, PUPIL, "promoted")
    assert told.spent.calls == found.spent.calls + results.gate.spent.calls


def test_a_report_that_is_none_is_left_out(reworded):
    world, results = reworded
    broken = with_file(results, "report.json", '{"prompt": 1e999}')
    with world.opened() as change:
        assert gather(gate_offline(change), change, run="run-1", results=broken).uncommitted == ()
