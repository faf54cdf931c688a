from __future__ import annotations

import pytest

from landrace.errors import EvidenceError
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
