"""Who is first, by scores on shared cases, by form, by length."""

from __future__ import annotations

from types import SimpleNamespace

from landrace.evaluation.table import ScoreTable
from landrace.gateway.base import Usage
from landrace.optimizers.objective import Objective
from landrace.optimizers.ranking import Ranking
from landrace.schemas.case import Case
from landrace.schemas.score import Outcome, Score

CASES = tuple(Case(id=f"case{n}", inputs={"word": str(n)}, expected="red") for n in range(4))


def entry(name, *, length=10):
    return SimpleNamespace(digest=name, variant=SimpleNamespace(length=length))


def ranking(scores, answers=None, **how):
    """Scores by candidate, case by case; None where the call failed for good."""
    table = ScoreTable()
    for name, values in scores.items():
        said = (answers or {}).get(name, ["red"] * len(values))
        for case, value, answer in zip(CASES, values, said, strict=False):
            score = None if value is None else Score(value)
            table.add(Outcome(name, case.id, 0, answer, answer, score, Usage(1, 1), 0.0))
    labels = frozenset({"red", "blue"})
    return Ranking(table, labels=labels, min_coverage=0.75, rival="base", **how)


def order(found):
    return [each.digest for each in found]


def test_only_cases_that_all_have_met_count():
    judged = ranking({"a": [1, 0, 0, None], "b": [0, 0, 1, 1]})
    # On the last case, which a has not got, b would be ahead.
    assert order(judged.ranked([entry("b"), entry("a")], CASES)) == ["b", "a"]
    assert order(judged.ranked([entry("a"), entry("b")], CASES)) == ["a", "b"]


def test_one_whose_calls_fail_is_last_and_takes_no_cases_from_the_others():
    judged = ranking({"deaf": [1, None, None, None], "a": [0, 1, 1, 0], "b": [1, 0, 0, 0]})
    found = judged.ranked([entry("deaf"), entry("b"), entry("a")], CASES)
    assert order(found) == ["a", "b", "deaf"]


def test_where_nothing_is_right_the_promised_form_decides():
    judged = ranking({"a": [0] * 4, "b": [0] * 4}, {"a": ["Well, red"] * 4, "b": ["Blue"] * 4})
    assert order(judged.ranked([entry("a"), entry("b")], CASES)) == ["b", "a"]


def test_the_best_has_met_all_cases_and_of_equals_is_the_shorter():
    judged = ranking({"quick": [1], "long": [1, 1, 0, 0], "short": [0, 0, 1, 1]})
    best = judged.best([entry("quick"), entry("long", length=20), entry("short")], CASES)
    assert best is not None
    assert best.digest == "short"


def test_before_anything_is_scored_there_is_no_best():
    assert ranking({}).best([entry("a")], CASES) is None


def test_further_cases_say_whether_a_candidate_loses_too_much_and_nothing_else():
    scores = {"base": [1, 1, 1, 1], "lucky": [1, 1, 0, 0], "better": [1, 1]}
    bounded = Objective(accuracy=0, max_drop=0.0)
    pair = [entry("lucky"), entry("base")]
    select, search = CASES[:2], CASES[2:]
    assert order(ranking(scores, objective=bounded).ranked(pair, select)) == ["lucky", "base"]
    judged = ranking(scores, objective=bounded, further=lambda _entry: search)
    assert order(judged.ranked(pair, select)) == ["base", "lucky"]
    # Of two that may be chosen, the one that has met more cases is not the better for it.
    free = ranking(scores, objective=Objective(accuracy=1), further=lambda _entry: search)
    assert order(free.ranked([entry("better"), entry("lucky")], select)) == ["better", "lucky"]
