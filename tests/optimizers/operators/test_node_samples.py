"""What operators show of nodes inside a program."""

from __future__ import annotations

import random

import pytest

from landrace.optimizers.operators.base import Context, children
from landrace.optimizers.operators.samples import mistakes, samples
from landrace.optimizers.operators.table import OPERATORS
from landrace.optimizers.operators.tuning import Tuning
from sammo_world import study_of
from strategy_world import cases, chain, chained, colour


def model(request):
    said = chained(request)
    return "<instruction>Red or blue? Say it.</instruction>" if said is None else said


@pytest.fixture
def study(tmp_path):
    splits = {"search": cases("search", 20), "select": cases("select", 8)}
    with study_of(tmp_path, model, program=chain(), **splits) as opened:
        yield opened


def use(study, node, **changes):
    return Context(study, study.base, node, random.Random(0), Tuning(), study.select, **changes)


def test_the_last_node_is_shown_what_it_read_and_the_label(study):
    found = samples(use(study, "colour"))
    assert len(found) == Tuning().apo_cases
    for sample in found:
        assert sample.answer == colour(sample.case.id)
        assert set(sample.inputs) >= {"hint"}


def test_a_node_inside_is_shown_what_led_to_right_answers(study):
    found = samples(use(study, "hint"))
    right = [
        case
        for case in study.search[: Tuning().apo_cases]
        if study.table.get(study.base.digest, case.id).score.value == 1
    ]
    assert [sample.case for sample in found] == right
    assert {"clue"} <= set(found[0].inputs)


def test_mistakes_of_a_node_inside_say_what_the_whole_should_answer(study):
    rows = mistakes(use(study, "hint"))
    assert rows
    assert all(row["input"].startswith("Clue: ") for row in rows)
    assert all(row["wanted"].startswith("one that leads to the answer") for row in rows)


@pytest.mark.parametrize("node", ["clue", "hint", "colour"])
@pytest.mark.parametrize("operator", OPERATORS.values(), ids=lambda each: each.name)
def test_every_operator_changes_its_own_node_alone(study, operator, node):
    for child in children(operator, use(study, node, most=2)):
        study.admit(child)
        assert set(child.nodes) == {node}
