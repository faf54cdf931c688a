"""A ceiling on growth: what is plainly too long costs no call, what proves so does not win."""

from __future__ import annotations

import pytest

from landrace.evaluation.table import ScoreTable
from landrace.optimizers.growth import Growth
from landrace.schemas.pipeline import Budget, Policy
from landrace.schemas.score import Outcome, Score, Usage
from strategy_world import cases, question, run, task


class Written:
    """As much of a variant as its growth is told by."""

    def __init__(self, digest, length):
        self.digest, self.length = digest, length


def growth(limit, inputs=0):
    return Growth(limit, Written("served", 100), inputs)


@pytest.mark.parametrize(
    ("limit", "length", "inputs", "fits"),
    [
        (None, 10_000, 0, True),
        (1.5, 150, 0, True),
        (1.5, 151, 0, False),
        (1.5, 151, 10, True),
        (0.5, 51, 0, False),
    ],
)
def test_characters_say_what_need_not_be_tried(limit, length, inputs, fits):
    assert (growth(limit, inputs).too_long(Written("new", length)) == "") is fits


def test_what_is_served_always_fits():
    small = growth(0.5)
    assert small.too_long(small.rival) == ""
    assert small.permits(ScoreTable(), "served", cases("c", 3))


@pytest.mark.parametrize(("tokens", "fits"), [(15, True), (16, False)])
def test_tokens_say_what_may_win(tokens, fits):
    table, known = ScoreTable(), cases("c", 4)
    for digest, each in (("served", 10), ("new", tokens)):
        for case in known:
            usage = Usage(prompt_tokens=each)
            score = Score(1.0)
            table.add(Outcome(digest, case.id, 0, "x", "x", score, usage=usage, latency_s=0.0))
    assert growth(1.5).permits(table, "new", known) is fits


def test_nothing_too_long_is_asked_and_the_ledger_says_why(tmp_path):
    cell = task("mipro/bootstrap-random-search", budget=Budget(calls=200))
    free = run(cell, tmp_path / "free")
    pipeline = cell.pipeline.model_copy(update={"policy": Policy(max_growth=1.2)})
    bound = run(cell._replace(pipeline=pipeline), tmp_path / "bound")
    asked = [_longest(ran) for ran in (free, bound)]
    assert asked[1] < asked[0]
    reasons = [record["reason"] for record in bound.records if record["kind"] == "dropped"]
    assert any("the policy allows 1.2" in reason for reason in reasons)


def _longest(ran):
    questions = [request for request in ran.gateway.requests if question(request)]
    return max(sum(len(m.content) for m in request.messages) for request in questions)
