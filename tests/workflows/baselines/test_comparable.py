from __future__ import annotations

import pytest
import yaml
from pydantic import ValidationError

from landrace.errors import EvidenceError
from landrace.schemas.baseline import Baseline
from landrace.store.baselines import read_baseline
from landrace.workflows.baselines.comparable import (
    common_cases,
    differences,
    refuse_incomparable,
    suite_note,
)
from skill import PUPIL, words


def _changed(world, baseline):
    return differences(world.served(), baseline)


def test_nothing_differs_from_what_was_just_blessed(world):
    baseline = world.bless()
    assert _changed(world, baseline) == ()
    assert suite_note(world.served(), baseline) == ""


def test_each_change_has_its_name(world):
    baseline = world.bless()
    world.repo.template(91)
    assert _changed(world, baseline) == ("variant",)
    world.repo.pipeline({"id": PUPIL, "params": {"top_p": 0.5}})
    assert _changed(world, baseline) == ("variant", "params")
    world.repo.cases(words(299))
    assert _changed(world, baseline) == ("variant", "params", "cases")
    world.repo.prompt(count=299, metrics=[{"metric": "contains"}])
    assert _changed(world, baseline) == ("params", "cases", "metrics")


def test_a_schema_in_another_order_is_another_question(world, tmp_path):
    def answering(*names):
        schema = {"properties": {name: {} for name in names}}
        return {"id": PUPIL, "params": {"response_format": {"schema": schema}}}

    def as_kept(baseline):
        path = tmp_path / "gate.yml"
        path.write_text(yaml.safe_dump(baseline.model_dump(mode="json", exclude_unset=True)))
        return read_baseline(path, "gate.yml")

    world.repo.pipeline(answering("reason", "label"))
    baseline = as_kept(world.bless())
    assert _changed(world, baseline) == ()
    assert world.compare(baseline).gateway.calls == 0
    world.repo.pipeline(answering("label", "reason"))
    assert _changed(world, baseline) == ("params",)
    assert baseline.asked_params == world.served().side.model.params
    in_order = as_kept(world.bless())
    assert isinstance(in_order.params, dict)


@pytest.mark.parametrize("params", ["[]", "temperature", '{"a": 1, "a": 2}'])
def test_parameters_as_a_text_are_a_json_object(world, params):
    data = world.bless().model_dump(mode="json")
    with pytest.raises(ValidationError):
        Baseline.model_validate({**data, "params": params})


def test_lines_in_another_order_and_new_tags_change_nothing(world):
    baseline = world.bless()
    tagged = [{**case, "metadata": {"tags": ["new"]}} for case in reversed(words(300))]
    world.repo.cases(tagged)
    assert _changed(world, baseline) == ()


def test_cases_are_common_by_what_they_ask_and_expect(world):
    baseline = world.bless()
    changed = words(301)
    changed[0]["inputs"]["word"] = "other"
    changed[1]["expected"] = "blue"
    changed[2]["weight"] = 2.0
    world.repo.cases(changed)
    common = {case.id for case in common_cases(world.served(), baseline)}
    assert common == {f"word{n}" for n in range(2, 300)}
    assert suite_note(world.served(), baseline) == (
        "the baseline was blessed with other cases: 298 of 301 cases can be compared with it"
    )


def test_without_a_common_case_there_is_no_comparison(world):
    baseline = world.bless()
    world.repo.cases(words(300, "new"))
    with pytest.raises(EvidenceError, match="none of the baseline's cases") as caught:
        refuse_incomparable(world.served(), baseline, "kept.yml")
    assert caught.value.where == "kept.yml"
    assert "--force-regen" in caught.value.fix


def test_scores_of_another_metric_are_not_compared(world):
    baseline = world.bless()
    world.repo.prompt(count=300, metrics=[{"metric": "exact_match", "ignore_case": True}])
    with pytest.raises(EvidenceError, match="says nothing about score"):
        refuse_incomparable(world.served(), baseline, "kept.yml")


def test_a_metric_that_has_not_changed_is_compared_beside_a_new_one(world):
    world.repo.pipeline(gate={"metrics": [{"metric": "exact_match"}]})
    baseline = world.bless()
    world.repo.prompt(count=300, metrics=[{"metric": "exact_match"}, {"metric": "contains"}])
    refuse_incomparable(world.served(), baseline, "kept.yml")


def test_a_measure_that_the_policy_asks_for_since_is_missed(world):
    baseline = world.bless()
    world.repo.pipeline(gate={"metrics": [{"metric": "score"}, {"metric": "prompt_tokens"}]})
    with pytest.raises(EvidenceError, match="says nothing about prompt_tokens"):
        refuse_incomparable(world.served(), baseline, "kept.yml")
