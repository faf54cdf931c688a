from __future__ import annotations

import pytest
from gate_cells import METRICS, case, cell, outcome, pair

from landrace.gate.evidence import Evidence, measure, side_mean, tags_of


def test_a_case_without_a_score_on_either_side_is_missing_and_not_nought():
    evidence = cell(pair(1, []), pair([], 1), pair(1, 0), pair([], []))
    assert [one.is_paired for one in evidence.cases] == [False, False, True, False]
    assert len(evidence.paired) == 1
    assert evidence.coverage == 0.25
    assert side_mean(()) is None


def test_no_cases_lack_no_answer():
    assert Evidence((), METRICS).coverage == 1


@pytest.mark.parametrize(
    ("base", "head", "flaky"),
    [
        (1, 0, False),  # a flip, but each side agrees with itself
        ([1, 1], [0, 0], False),
        ([1, 0], [1, 1], True),
        ([1, 1], [0.2, 0.3], True),
        ([0.1 + 0.2], [0.3, 0.1 + 0.2], False),  # noise of floats
        ([], [], False),
    ],
)
def test_a_case_is_flaky_where_one_side_disagrees_with_itself(base, head, flaky):
    assert pair(base, head).is_flaky is flaky


@pytest.mark.parametrize(("mark", "critical"), [(True, True), (False, False), ("yes", False)])
def test_a_case_is_critical_only_where_it_says_so(mark, critical):
    assert pair(1, 1, case(critical=mark)).is_critical is critical
    assert not pair(1, 1).is_critical


@pytest.mark.parametrize(
    ("tags", "read"),
    [(["a", "b", "a"], ("a", "b")), (["a", 3, None], ("a",)), ("a", ()), ({"a": 1}, ()), ([], ())],
)
def test_tags_are_the_texts_of_a_list(tags, read):
    assert tags_of(case(tags=tags)) == read
    assert tags_of(case()) == ()


def test_the_mean_of_repeats():
    assert side_mean(pair([1, 0, 0.5], 1).base) == 0.5


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("score", 0.75),
        ("contains", 1.0),
        ("length", 0.5),
        ("prompt_tokens", 120),
        ("completion_tokens", 7),
        ("cost_usd", 0.002),
        ("latency_s", 1.5),
    ],
)
def test_what_a_rule_measures(metric, value):
    parts = {"contains": 1.0, "length": 0.5}
    answered = outcome(0.75, parts=parts, tokens=(120, 7), cost=0.002, latency=1.5)
    assert measure(answered, metric, ("contains", "length")) == value


def test_a_prompts_only_metric_is_its_score():
    assert measure(outcome(0.3), "exact_match", ("exact_match",)) == 0.3


def test_a_metric_that_the_prompt_lacks_is_no_nought():
    with pytest.raises(KeyError):
        measure(outcome(0.3, parts={"contains": 0.3}), "length", ("contains",))


def test_an_unknown_price_is_unknown():
    assert measure(outcome(1, cost=None), "cost_usd", METRICS) is None
