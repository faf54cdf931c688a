"""Strategies that rewrite instructions mend the one node of a program that fails.

Those of `ape`, `opro` and `trained` do so in tests of their own, which look at more.
"""

from __future__ import annotations

import itertools
import re

import pytest

from landrace.schemas.pipeline import Budget
from strategy_world import chain, chained, run, task

STYLES = 5  # for three nodes: each of them comes to try each style


# Calls, select cases and options with which each finds it.
SIZES = {
    "capo": (1800, 30, {}),
    "evoprompt": (2400, 30, {}),
    "evoprompt/de": (2400, 30, {}),
    "pe2": (2400, 40, {}),
    "promptbreeder": (2100, 24, {}),
    "promptwizard": (6000, 100, {}),
    "promst": (6000, 100, {"levels": 2}),
    "protegi": (2400, 40, {}),
    "textgrad": (3000, 40, {}),
}


def chain_of_styles():
    """The chain's model, and a proposer that gives as many instructions as it is asked for."""
    numbers = itertools.count()

    def instruction():
        return f"<instruction>Say red or blue, in style {next(numbers) % STYLES}.</instruction>"

    def model(request):
        said = chained(request)
        if said is not None:
            return said
        listed = re.findall(r"^\d\. ", request.messages[-1].content, re.MULTILINE)
        return "\n".join(instruction() for _ in listed or [None])

    return model


@pytest.mark.parametrize("name", SIZES)
def test_the_weak_node_of_a_program_is_mended(tmp_path, name):
    calls, select, options = SIZES[name]
    budget = Budget(calls=calls)
    cell = task(name, options=options, program=chain(), budget=budget, select=select, holdout=40)
    ran = run(cell, tmp_path, chain_of_styles())
    assert "style 2" in ran.result.served.variant.files["hint.jinja"]
