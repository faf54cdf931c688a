"""Strategies that change one node of a program in a child come to all nodes."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from strategy_traits import held_to

from landrace.schemas.pipeline import Budget
from strategy_world import STYLES, chain, chained, run, task

# Fewer children in a step, or of a parent, than the program has nodes.
FEW = {
    "opro": {"proposals": 1},
    "gpo": {"candidates": 2, "momentum": "recency", "step_size": "none"},
    "gpo/apo": {"candidates": 1},
    "protegi": {"gradients": 1, "paraphrases": 0, "beam": 1},
    "pe2": {"proposals": 1, "parents": 1, "initial": 0, "steps": 9},
    "ape": {"prompts": 4, "resampling": 3},
}
EVERY_NODE = held_to("comes to every node")
AS_OFTEN = held_to("comes to every node as often")


def proposing():
    numbers = itertools.count()

    def model(request):
        said = chained(request)
        if said is not None:
            return said
        number = next(numbers)
        return f"<instruction>Say red or blue, in style {number % STYLES}, {number}.</instruction>"

    return model


def changed(ran):
    """How often each node was changed by a child, of its parent's."""
    made = {r["digest"]: r["slots"] for r in ran.records if r["kind"] == "candidate"}
    found = Counter()
    for slots in made.values():
        for parent in slots["parents"]:
            before, after = made[parent]["nodes"], slots["nodes"]
            found.update(node for node in after if after[node] != before.get(node))
    return found


@pytest.mark.parametrize("name", EVERY_NODE)
def test_all_nodes_have_their_turn_however_few_children_a_step_has(tmp_path, name):
    options = FEW.get(name, {})
    cell = task(name, options=options, program=chain(), budget=Budget(calls=2400))
    counts = changed(run(cell, tmp_path, proposing()))
    assert set(counts) == {"clue", "hint", "colour"}
    assert name not in AS_OFTEN or max(counts.values()) <= 2 * min(counts.values()) + 1


def test_a_reflection_is_on_the_nodes_that_the_step_changes(tmp_path):
    options = {"candidates": 1}
    cell = task("gpo/apo", options=options, program=chain(), budget=Budget(calls=2400))
    ran = run(cell, tmp_path, proposing())
    texts = ["\n".join(m.content for m in r.messages) for r in ran.gateway.requests]
    asked = [text for text in texts if "step by step. Yours are" in text]
    assert len(asked) > 3
    assert all("<flaw>" in text for text in asked)
