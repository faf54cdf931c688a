from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.errors import FormatError
from landrace.schemas.gate_policy import COMBINED, RAW_MEASURES, GatePolicy, Rule
from landrace.schemas.pipeline import PipelineConfig
from landrace.schemas.published import json_schema
from landrace.store.validate import validate
from landrace.store.yaml import parse_yaml

PIPELINE = 'prompts: ["*"]\nmodels: [openai/gpt-4o]\n'


def policy(text=""):
    indented = "".join(f"  {line}\n" for line in text.splitlines())
    source = PIPELINE + (f"gate:\n{indented}" if text else "")
    return validate(PipelineConfig, parse_yaml(source, "p.yaml")).gate


def error_of(text):
    with pytest.raises(FormatError) as caught:
        policy(text)
    return caught.value


def test_without_a_word_five_points_may_be_lost_at_95_percent():
    found = policy()
    assert found == GatePolicy()
    assert found.metrics == (Rule(metric=COMBINED, allowed_drop=0.05),)
    assert (found.confidence, found.looks, found.repeats) == (0.95, (0.5, 1.0), 3)
    assert (found.inconclusive, found.min_coverage, found.severe_drop) == ("warn", 0.95, 0.5)


def test_a_whole_policy_is_read():
    found = policy(
        "metrics:\n"
        "  - {metric: score, allowed_drop: 0.02, floor: 0.8}\n"
        "  - {metric: cost_usd, allowed_drop: 3, floor: 20, severity: warning}\n"
        "looks: [0.25, 0.5, 1]\n"
        "inconclusive: block\n"
        "budget: {calls: 100}\n"
    )
    assert [rule.metric for rule in found.metrics] == ["score", "cost_usd"]
    assert found.looks == (0.25, 0.5, 1.0)
    assert found.budget.calls == 100


@pytest.mark.parametrize(
    ("metric", "direction", "higher"),
    [
        ("score", None, True),
        ("rouge", None, True),
        ("cost_usd", None, False),
        ("latency_s", "higher", True),
        ("score", "lower", False),
    ],
)
def test_scores_are_better_higher_and_measures_lower_unless_told(metric, direction, higher):
    rule = Rule(metric=metric, direction=direction)
    assert rule.higher_is_better is higher
    assert rule.is_raw is (metric in RAW_MEASURES)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("looks: []", 4, "`gate.looks` must not be empty"),
        ("looks: [1, 0.5]", 4, "`gate.looks` must rise and end with 1, such as [0.5, 1]"),
        ("looks: [0.5]", 4, "`gate.looks` must rise and end with 1, such as [0.5, 1]"),
        ("looks: [0.5, 0.5, 1]", 4, "`gate.looks` must rise and end with 1"),
        ("looks: [0, 1]", 4, "`gate.looks[0]` must be above 0, not 0"),
        ("looks: [0.5, 2]", 4, "`gate.looks[1]` must be at most 1, not 2"),
        ("looks: 1", 4, "`gate.looks` must be a list, not 1"),
        ("repeats: 0", 4, "`gate.repeats` must be at least 1, not 0"),
        ("confidence: 95", 4, "`gate.confidence` must be below 1, not 95"),
        ("confidence: 0.5", 4, "`gate.confidence` must be above 0.5, not 0.5"),
        ("inconclusive: fail", 4, "`gate.inconclusive` must be 'warn' or 'block', not \"fail\""),
        ("metrics: []", 4, "`gate.metrics` must not be empty"),
        (
            "metrics:\n  - metric: score\n  - metric: score\n    floor: 0.5",
            3,
            "`gate` has two rules about `score`; put them into one",
        ),
        (
            "metrics:\n  - metric: score\n    severity: error",
            6,
            "`gate.metrics[0].severity` must be 'blocker' or 'warning', not \"error\"",
        ),
        (
            "metrics:\n  - metric: score\n    allowed_drop: -0.1",
            6,
            "`gate.metrics[0].allowed_drop` must be at least 0, not -0.1",
        ),
    ],
)
def test_a_misfit_has_its_line_and_says_what_it_must_be(text, line, problem):
    error = error_of(text)
    assert error.where == f"p.yaml:{line}"
    assert error.problem.startswith(problem)


@pytest.mark.parametrize(
    ("text", "line", "key", "fix"),
    [
        ("confidense: 0.9", 4, "gate.confidense", "did you mean `confidence`?"),
        ("look: [1]", 4, "gate.look", "did you mean `looks`?"),
        (
            "metrics:\n  - metric: score\n    alowed_drop: 0.1",
            6,
            "gate.metrics[0].alowed_drop",
            "did you mean `allowed_drop`?",
        ),
        ("budget:\n  call: 3", 5, "gate.budget.call", "did you mean `calls`?"),
    ],
)
def test_an_unknown_key_is_named_with_its_line_and_the_nearest_one(text, line, key, fix):
    error = error_of(text)
    assert error.where == f"p.yaml:{line}"
    assert error.problem == f"`{key}` is not a known key"
    assert error.fix == fix


@pytest.mark.parametrize("drop", [1, 5, 10])
def test_points_of_100_are_not_taken_for_a_score(drop):
    """With `allowed_drop: 5`, meant as five points, nothing could ever fail."""
    error = error_of(f"metrics:\n  - metric: score\n    allowed_drop: {drop}")
    assert error.where == "p.yaml:5"
    assert error.problem == (
        "`gate.metrics[0]` must allow a drop below 1, or nothing could fail: "
        "0.05 is 5 points of 100"
    )
    assert policy(f"metrics:\n  - metric: cost_usd\n    allowed_drop: {drop}")


@pytest.mark.parametrize("floor", [80, 1.5, -0.1])
def test_a_floor_of_a_score_is_on_its_scale(floor):
    error = error_of(f"metrics:\n  - metric: score\n    floor: {floor}")
    assert error.problem == (
        "`gate.metrics[0]` must have a floor between 0 and 1: 0.8 is 80 points of 100"
    )
    assert policy(f"metrics:\n  - metric: prompt_tokens\n    floor: {floor}")


@given(st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), unique=True, max_size=9))
def test_looks_that_rise_to_all_cases_are_taken_as_they_are(shares):
    looks = (*sorted(shares), 1.0)
    assert GatePolicy(looks=looks).looks == looks


def test_the_published_schema_has_the_policy():
    policy_schema = json_schema("pipeline")["definitions"]["GatePolicy"]
    assert set(policy_schema["properties"]) == set(GatePolicy.model_fields)
    assert policy_schema["additionalProperties"] is False
