from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landrace.optimizers.search import pareto
from landrace.optimizers.search.pareto import Marks

CASES = [f"c{n}" for n in range(6)]
NAMES = [f"p{n}" for n in range(7)]
GRADES = st.sampled_from([0.0, 0.25, 0.5, 1.0])

whole_tables = st.lists(
    st.fixed_dictionaries(dict.fromkeys(CASES, GRADES)), min_size=1, max_size=7
).map(lambda rows: dict(zip(NAMES, rows, strict=False)))

tables_with_holes = st.lists(
    st.dictionaries(st.sampled_from(CASES), GRADES, min_size=1), min_size=1, max_size=7
).map(lambda rows: dict(zip(NAMES, rows, strict=False)))


def dominates(ours, theirs):
    """Nowhere worse, and better somewhere; it has at least the scores of the other."""
    if not theirs.keys() <= ours.keys():
        return False
    pairs = [(ours[case], theirs[case]) for case in theirs]
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


@given(whole_tables, st.integers())
def test_no_dominated_candidate_is_ever_drawn(scores, seed):
    front = pareto.frontier(scores)
    drawn = pareto.draw(front, random.Random(seed))
    assert not any(dominates(other, scores[drawn]) for other in scores.values())


@given(tables_with_holes)
def test_no_dominated_candidate_stays_where_scores_are_missing(scores):
    for kept in pareto.frontier(scores):
        assert not any(dominates(other, scores[kept]) for other in scores.values())


@given(tables_with_holes)
def test_every_measures_best_is_represented(scores):
    front = pareto.frontier(scores)
    for case in {case for values in scores.values() for case in values}:
        best = max(values[case] for values in scores.values() if case in values)
        assert any(scores[kept].get(case) == best for kept in front)


@given(tables_with_holes)
def test_a_candidate_counts_the_measures_that_it_leads(scores):
    led = pareto.leaders(scores)
    for kept, count in pareto.frontier(scores).items():
        assert count == sum(kept in candidates for candidates in led.values()) > 0


@given(tables_with_holes)
def test_nobody_on_the_frontier_can_be_spared(scores):
    front = pareto.frontier(scores)
    led = pareto.leaders(scores)
    for kept in front:
        assert any([c for c in candidates if c in front] == [kept] for candidates in led.values())


def test_a_specialist_stays_beside_the_best_on_average():
    scores = {
        "generalist": {"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0},
        "specialist": {"a": 0.0, "b": 0.0, "c": 0.0, "d": 1.0},
        "second": {"a": 1.0, "b": 1.0, "c": 0.0, "d": 0.0},
    }
    assert pareto.frontier(scores) == {"generalist": 3, "specialist": 1}


def test_parents_are_drawn_by_what_they_lead():
    rng = random.Random(1)
    drawn = [pareto.draw({"three": 3, "one": 1}, rng) for _ in range(4000)]
    assert drawn.count("three") / 4000 == pytest.approx(0.75, abs=0.03)


MARKS = {
    "a": Marks(0.5, {"exact": 0.0, "short": 1.0}),
    "b": Marks(1.0, {"exact": 1.0, "short": 1.0}),
}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("instance", {"a": 0.5, "b": 1.0}),
        ("objective", {("mean", "exact"): 0.5, ("mean", "short"): 1.0}),
        ("hybrid", {"a": 0.5, "b": 1.0, ("mean", "exact"): 0.5, ("mean", "short"): 1.0}),
        (
            "cartesian",
            {("a", "exact"): 0.0, ("a", "short"): 1.0, ("b", "exact"): 1.0, ("b", "short"): 1.0},
        ),
    ],
)
def test_kinds_of_frontier_measure_cases_parts_or_both(kind, expected):
    assert pareto.measures(kind, MARKS, dict.fromkeys(MARKS, 1.0)) == expected


def test_means_are_by_the_weights_of_cases_and_over_these_alone():
    marks = {"a": Marks(1.0), "b": Marks(0.0), "c": Marks(0.0)}
    found = pareto.measures("hybrid", marks, {"a": 3.0, "b": 1.0})
    assert found == {"a": 1.0, "b": 0.0, "c": 0.0, ("mean", "score"): 0.75}


def test_a_metric_without_parts_is_its_one_objective():
    marks = {"a": Marks(0.5), "b": Marks(1.0)}
    weights = dict.fromkeys(marks, 1.0)
    assert pareto.measures("objective", marks, weights) == {("mean", "score"): 0.75}
    assert pareto.measures("cartesian", marks, weights) == {
        ("a", "score"): 0.5,
        ("b", "score"): 1.0,
    }


def test_the_best_come_first_and_the_older_of_two_that_tie():
    means = {"old": 0.5, "best": 0.9, "new": 0.5, "worst": 0.1}
    assert pareto.best(means, 3) == ["best", "old", "new"]
