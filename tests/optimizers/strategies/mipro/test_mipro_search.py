"""What MIPRO finds in worlds whose truth is known."""

from __future__ import annotations

import pytest

from landrace.gateway.scripted import ScriptedGateway
from landrace.ledger import Ledger
from landrace.schemas.pipeline import Budget
from landrace.workflows.run_cell import run_cell
from landrace.workflows.services import Services
from strategy_world import (
    STYLES,
    answer,
    chain,
    chained,
    proposal,
    question,
    shown,
    style,
    task,
)

MAGIC = {"search3", "search11"}
GOOD = 2


class Found(BaseException):
    """The search may end here."""


class Planted:
    """A model that is good only with one style of instruction and with certain demos.

    Its proposals have all styles in turn. ``calls`` is the number of calls so far.
    """

    def __init__(self, *, stop=False):
        self.calls = 0
        self._stop = stop
        self._proposals = 0

    def __call__(self, request):
        self.calls += 1
        word = question(request)
        if word is None:
            self._proposals += 1
            number = self._proposals % STYLES
            return f"<instruction>Say red or blue for the word, in style {number}.</instruction>"
        told, helped = style(request) == GOOD, bool(MAGIC & set(shown(request)))
        if told and helped and self._stop:
            raise Found
        return answer(word, 0.35 + 0.2 * told + 0.2 * helped + 0.1 * (told and helped))


def _run(model, path, name, *, seed=0, calls=1500, changes=(), **options):
    cell = task(
        name,
        options={"data_summary": False, "program_summary": False, **options},
        budget=Budget(calls=calls),
        seed=seed,
        select=60,
        holdout=60,
        **dict(changes),
    )
    with Ledger(path / f"{seed}-{len(list(path.iterdir()))}.jsonl") as ledger:
        return run_cell(cell, Services(ScriptedGateway(model), ledger)), list(ledger.records())


POOLS = {"instructions": 7, "demo_sets": 6, "trials": 30, "minibatch_size": 15}


def _calls_until_found(path, search, seed):
    model = Planted(stop=True)
    with pytest.raises(Found):
        _run(model, path, "mipro", seed=seed, search=search, **POOLS)
    return model.calls


def test_it_finds_the_planted_combination_with_fewer_calls_than_random_search(tmp_path):
    seeds = range(7)  # each has a magic word in some set
    ours, theirs = (
        sorted(_calls_until_found(tmp_path, search, seed) for seed in seeds)
        for search in ("tpe", "random")
    )
    assert sum(ours) < 0.7 * sum(theirs)
    assert ours[3] < theirs[3]


def test_the_planted_combination_is_served_and_proved(tmp_path):
    result, _ = _run(Planted(), tmp_path, "mipro", **POOLS)
    slots = result.served.candidate.slots()
    assert result.report.decision == "promoted"
    assert "style 2" in slots.instruction
    assert MAGIC & {demo.case_id for demo in slots.demos}


def _weak_node(request):
    """The chain's answer, or a proposal in one of six styles for whatever node."""
    said = chained(request)
    return proposal(request) if said is None else said


@pytest.mark.parametrize(
    "name",
    [
        "mipro/0-shot",
        "mipro/module-opro",
        "mipro/program-opro",
        "mipro/ca-opro",
        "mipro/0-shot-plus",
    ],
)
def test_credit_reaches_the_weak_node_of_three(tmp_path, name):
    options = {"trials": 36, "minibatch_size": 15, "shown_demos": False}
    if name == "mipro/0-shot":
        options["instructions"] = 12
    program = {"program": chain()}
    result, _ = _run(_weak_node, tmp_path, name, calls=6000, changes=program, **options)
    hint = result.served.candidate.slots("hint")
    assert result.report.decision == "promoted"
    assert "style 2" in hint.instruction
