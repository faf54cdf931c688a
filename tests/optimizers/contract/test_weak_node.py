"""Strategies that rewrite instructions mend the one node of a program that fails."""

from __future__ import annotations

import itertools
import re

import pytest
from strategy_traits import held_to, takes_words

from landrace.schemas.pipeline import Budget
from strategy_world import chain, chained, run, task

LONGEST_ANSWER = 64  # of a node, in tokens; a proposer is given more
STYLES = 5  # for three nodes: each of them comes to try each style


# Calls and select cases with which all others find it.
USUAL = (2400, 40)
# More for those whose first steps change little, or are few and dear, and for those whose turns at
# a node come to the style later.
SIZES = {
    **dict.fromkeys(("gpo", "gpo/ape", "gpo/opro", "promptwizard"), (6000, 100)),
    "auto": (3600, 40),
    "sammo/compression": (3000, 40),
}


def chain_of_styles():
    """The chain's model, and a proposer that gives as many instructions as it is asked for."""
    numbers = itertools.count()

    def text(tag):
        return f"<{tag}>Say red or blue, in style {next(numbers) % STYLES}.</{tag}>"

    def model(request):
        said = chained(request)
        if said is not None:
            return said
        if request.params["max_tokens"] <= LONGEST_ANSWER:
            # A node whose prompt has lost its form. Threads ask it: whose turn it is would be luck.
            return "What?"
        question = request.messages[-1].content
        tags = re.findall(r"^<(clue|hint|colour)>$", question, re.MULTILINE)
        listed = re.findall(r"^\d\. ", question, re.MULTILINE)
        return "\n".join(map(text, tags or ["instruction"] * max(1, len(listed))))

    return model


@pytest.mark.parametrize("name", held_to("mends the weak node of a program"))
def test_the_weak_node_of_a_program_is_mended(tmp_path, name):
    calls, select = SIZES.get(name, USUAL)
    budget = Budget(calls=calls)
    cell = task(name, program=chain(), budget=budget, select=select, holdout=40)
    ran = run(cell, tmp_path, chain_of_styles())
    if not takes_words(ran, word="sky", clue="high", hint="clear"):
        pytest.skip("it takes none of a proposer's words, and nothing else mends the node here")
    served = ran.result.served.variant.files["hint.jinja"]
    assert "style 2" in served, (
        "give it more in SIZES, or say in strategy_traits.py why it need not"
    )
