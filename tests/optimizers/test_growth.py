"""A ceiling on growth: what is plainly too long costs no call, what proves so does not win."""

from __future__ import annotations

import pytest

from landrace.evaluation.table import ScoreTable
from landrace.gateway.base import Completion
from landrace.optimizers.growth import Growth
from landrace.schemas.pipeline import Budget, Policy
from landrace.schemas.score import Outcome, Score, Usage
from strategy_world import answer, cases, question, run, task


class Written:
    """As much of a variant as its growth is told by: so many characters beside an input's."""

    def __init__(self, digest, length, *, is_plain=True):
        self.digest, self.is_plain, self._length = digest, is_plain, length

    def first_messages(self, inputs):
        return [{"content": "x" * self._length + inputs["word"]}]


def growth(limit, count=3):
    return Growth(limit, Written("served", 98), cases("c", count))


@pytest.mark.parametrize(
    ("limit", "length", "fits"),
    [(None, 10_000, True), (1.5, 148, True), (1.5, 149, False), (0.5, 49, False)],
)
def test_characters_say_what_need_not_be_tried(limit, length, fits):
    assert (growth(limit).too_long(Written("new", length)) == "") is fits


def test_of_a_program_characters_say_nothing():
    assert growth(1.5).too_long(Written("new", 10_000, is_plain=False)) == ""


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


@pytest.mark.parametrize("name", ["auto", "sammo", "sammo/compression"])
def test_what_fits_wins_where_something_better_does_not(name, tmp_path):
    """Characters let it pass, tokens do not: every word of the better instruction is many."""

    def model(request):
        word = question(request)
        if word is None:
            return "<instruction>Say red or blue, in style 2, and be quick about it.</instruction>"
        is_long = "quick" in request.messages[0].content
        right = answer(word, 0.95 if is_long else 0.5)
        return Completion(right, usage=Usage(200 if is_long else 100, 1))

    cell = task(name, budget=Budget(calls=300), policy=Policy(max_growth=1.7))
    ran = run(cell, tmp_path, model)
    (shortlist,) = (r for r in ran.records if r["kind"] == "shortlist")
    chosen = [r for r in ran.records if r.get("digest") == shortlist["digests"][-1]]
    assert "quick" not in str(chosen[0]["templates"])
