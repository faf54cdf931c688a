"""Which cells a change touches, and why; and that what was done once is done for good."""

from __future__ import annotations

import json

import pytest
from kinds import HERE, KINDS, TWIN, WHOLE, Kind

from landrace.errors import ConfigError, RefusedError
from landrace.gateway.scripted import ScriptedGateway
from pull_request_world import CELL, PROMPT, PUPIL, cell_of, pupil


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_of_change_leads_to_its_cells_and_then_to_a_fixpoint(settled, kind: Kind):
    kind.make(settled)
    settled.commit()
    assert settled.todo() == kind.todo
    if kind.todo:
        assert settled.gate_offline().exit_code in {3, 4}
        settled.finish()
    assert settled.todo() == {}
    report = settled.gate_offline()
    assert report.exit_code == kind.gate, report.cells
    gateway = ScriptedGateway(pupil)
    again = settled.carry_out(gateway=gateway, run="run-2")
    assert (gateway.calls, again.cells, again.unfinished) == (0, (), ())


def test_a_better_variant_for_another_pipeline_is_compared_before_it_is_committed(settled):
    """No path of the prompt has changed; its pin does all the same."""
    with settled.on_main():
        settled.pin_with(PUPIL, 20)
        settled.repo.git("rm", "--quiet", f"{CELL}/evidence.json")
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.pipeline(**{**WHOLE, "seed": 9})
    settled.commit()
    results = settled.finish()
    assert [cell.verdict for cell in results.gate.cells] == ["PASS"]
    report = settled.gate_offline()
    assert report.exit_code == 0
    assert report.cells[0].claims[0].difference > 0.2


def test_prompts_that_nothing_touches_are_left_alone_even_with_stale_pins(settled):
    with settled.on_main():
        settled.prompt("paints", skill=60, count=100)
        settled.pin_with(PUPIL, 60, prompt="paints")
        settled.template(61, "paints")  # the pin is stale by now
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.template(55)
    settled.commit()
    assert settled.todo() == {HERE: "optimize: the template changed"}


def test_what_is_merged_into_base_meanwhile_is_not_this_branches_business(settled):
    """Base pins another variant; head has touched neither the pin nor the prompt."""
    settled.config(description="Other words.")
    settled.commit()
    with settled.on_main():
        settled.pin_with(PUPIL, 95)
    assert settled.todo() == {}
    assert settled.gate_offline().exit_code == 0


def test_marks_of_base_are_what_evidence_rests_on(landed):
    """Critical cases and tags are of base, and no digest of an eval set has them."""
    world = landed.world
    lines = [json.loads(line) for line in world.read(f"prompts/{PROMPT}/cases.jsonl").splitlines()]
    with world.on_main():
        world.cases([{**line, "metadata": {"critical": True}} for line in lines])
    assert world.todo() == {HERE: "measure: the eval set or the metrics of base changed"}


def test_a_call_that_base_would_make_otherwise_is_what_evidence_rests_on(landed):
    """Without a pin, base's template is asked with the parameters of base's pipeline."""
    with landed.world.on_main():
        landed.world.pipeline(**{**WHOLE, "models": [{"id": PUPIL, "params": {"top_p": 0.5}}]})
    assert landed.world.todo() == {HERE: "measure: what base serves changed"}


@pytest.mark.parametrize("is_pinned", [False, True])
def test_where_base_has_calls_sent_is_what_evidence_rests_on(settled, is_pinned):
    """Else a comparison that another host has answered would do for a base that asks the model."""
    if not is_pinned:
        with settled.on_main():
            settled.repo.git("rm", "-r", "--quiet", "registry")
        settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.template(56)
    settled.commit()
    settled.finish()
    elsewhere = {"id": PUPIL, "params": {"api_base": "https://elsewhere.example/v1"}}
    plain = {**WHOLE, "prompts": [PROMPT], "models": ["fake/other"], "proposer": {"id": PUPIL}}
    with settled.on_main():
        settled.pipeline(**{**WHOLE, "models": [elsewhere]})
        settled.pipeline("zz", **plain)  # so that head may name the model without an address
    assert settled.todo() == {HERE: "measure: where base has the model's calls sent changed"}
    assert settled.gate_offline().exit_code == 4


def test_a_policy_is_that_of_the_pipeline_which_base_has_for_the_cell(settled):
    """Head moves the prompt to a pipeline that judges mildly; base's own one goes on judging."""
    mild = {"prompts": ["other"], "gate": {"metrics": [{"allowed_drop": 0.9}]}}
    with settled.on_main():
        settled.prompt("other")
        settled.prompt("third")
        settled.pipeline("mild", **{**WHOLE, **mild})
        settled.pipeline(**{**WHOLE, "prompts": [PROMPT, "third"]})
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.pin_with(PUPIL, 10)
    settled.pipeline("mild", **{**WHOLE, **mild, "prompts": ["other", PROMPT]})
    settled.pipeline(**{**WHOLE, "prompts": ["third"]})
    settled.commit()
    with settled.opened() as change:
        by_prompt = {work.cell.prompt: work.cell.pipeline.name for work in change.scope.work}
    assert by_prompt[PROMPT] == "mild"
    results = settled.finish()
    report = settled.gate_offline()
    assert (report.exit_code, cell_of(report).verdict) == (1, "FAIL")
    assert cell_of(results.gate).verdict == "FAIL"
    with settled.on_main():
        settled.pipeline(**{**WHOLE, "prompts": [PROMPT, "third"], "gate": {"confidence": 0.9}})
    assert settled.todo()[HERE] == "measure: the policy of base changed"


GRADER = """\
from pathlib import Path
Path({marker!r}).write_text("run")
def score(inputs, expected, output, answer):
    return answer == expected
"""


def test_code_of_head_is_never_run_and_that_is_told(settled, tmp_path):
    markers = {side: tmp_path / side for side in ("base", "head")}
    python = [{"metric": "python", "function": "metrics/grade.py:score"}]
    with settled.on_main():
        settled.repo.write("metrics/grade.py", GRADER.format(marker=str(markers["base"])))
        settled.config(metrics=python)
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.repo.write("metrics/grade.py", GRADER.format(marker=str(markers["head"])))
    settled.template(56)
    settled.commit()
    assert settled.todo() == {}
    assert "the code of a grader changed, and code of head is not run" in settled.scope_notes()
    results = settled.carry_out()
    report = settled.gate_offline()
    assert (results.cells, report.exit_code) == ((), 0)
    assert any("code of head is not run" in note for note in report.notes)
    assert not markers["head"].exists()


def test_a_pin_beside_a_changed_grader_has_no_evidence_and_does_not_pass(settled, tmp_path):
    with settled.on_main():
        settled.repo.write("metrics/grade.py", GRADER.format(marker=str(tmp_path / "base")))
        settled.config(metrics=[{"metric": "python", "function": "metrics/grade.py:score"}])
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.repo.write("metrics/grade.py", GRADER.format(marker=str(tmp_path / "head")))
    settled.pin_with(PUPIL, 10)
    settled.commit()
    assert settled.gate_offline().exit_code == 4


def test_base_code_is_run_as_base_has_it(settled, tmp_path):
    marker = tmp_path / "base"
    with settled.on_main():
        settled.repo.write("metrics/grade.py", GRADER.format(marker=str(marker)))
        settled.config(metrics=[{"metric": "python", "function": "metrics/grade.py:score"}])
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.template(57)
    settled.commit()
    settled.finish()
    assert settled.gate_offline().exit_code == 0
    assert marker.read_text() == "run"


def test_two_pipelines_that_claim_a_cell_are_an_error(settled):
    with settled.on_main():
        settled.prompt("other")
        settled.pipeline("other", **{**WHOLE, "prompts": ["other"]})
        settled.pipeline(**{**WHOLE, "prompts": [PROMPT]})
    settled.repo.git("reset", "--quiet", "--hard", "main")
    settled.pipeline("other", **{**WHOLE, "prompts": ["*"]})
    settled.commit()
    with pytest.raises(
        ConfigError, match="colours on fake/pupil stands in two pipelines"
    ) as caught:
        settled.todo()
    assert caught.value.where.startswith("pipelines/other.yaml")


def test_a_link_in_the_place_of_a_prompt_is_refused(settled, tmp_path):
    settled.repo.git("rm", "-r", "--quiet", f"prompts/{PROMPT}")
    (settled.root / "prompts").mkdir(exist_ok=True)
    (settled.root / f"prompts/{PROMPT}").symlink_to(tmp_path)
    settled.commit()
    with pytest.raises(RefusedError):
        settled.todo()


def test_a_removed_pin_of_a_model_that_is_dropped_is_told(settled):
    settled.repo.git("rm", "-r", "--quiet", CELL)
    settled.pipeline(**{**WHOLE, "models": [{"id": TWIN}]})
    settled.commit()
    report = settled.gate_offline()
    assert report.exit_code == 0
    assert (
        "colours is not pinned for fake/pupil any more: an application that asks so gets another "
        "pin that fits, or an error" in report.notes
    )


def test_a_removed_prompt_whose_pins_stay_is_told(settled):
    settled.repo.git("rm", "-r", "--quiet", f"prompts/{PROMPT}", "pipelines/all.yaml")
    settled.commit()
    told = "colours is removed, and is served all the same: registry/colours is still there"
    assert told in settled.gate_offline().notes
    settled.repo.git("rm", "-r", "--quiet", f"registry/{PROMPT}")
    settled.commit()
    assert told not in settled.gate_offline().notes
