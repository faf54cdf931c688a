"""A long prompt leaves its proposer room; a short one costs what it always did."""

from __future__ import annotations

import pytest

from colours import SOURCE
from landrace.optimizers.lengths import answer_limit, longest_instruction
from landrace.optimizers.variants import Program
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget
from landrace.workflows.estimate import longest_proposal
from strategy_world import CONFIG, chain, pupil, question, run, task

LONG = " ".join(f"Rule {number}: mind the colour of the word." for number in range(100))


def program_of(source):
    return Program.of("colours", source, CONFIG.output, path="prompt.jinja", inputs=CONFIG.inputs)


def lengthy():
    return program_of(SOURCE.replace("Which colour", f"{LONG}\nWhich colour"))


@pytest.mark.parametrize(("words", "limit"), [(0, 400), (200, 400), (300, 600), (1000, 2000)])
def test_answers_may_grow_with_the_instructions(words, limit):
    assert answer_limit(400, words) == limit


def test_the_longest_instruction_of_all_nodes_and_of_what_is_served_counts():
    assert longest_instruction(program_of(SOURCE), None) == 10
    assert longest_instruction(lengthy(), None) == 810
    assert longest_instruction(chain(), None) < 10
    served = Candidate.plain(operator="incumbent", source=lengthy().main.source)
    assert longest_instruction(program_of(SOURCE), served) == 810
    unreadable = Candidate.plain(operator="incumbent", source="{% if %}")
    assert longest_instruction(program_of(SOURCE), unreadable) == 10


@pytest.mark.parametrize("name", ["auto", "gepa", "textgrad", "evoprompt"])
def test_a_long_instruction_can_be_rewritten_and_the_plan_knows(name, tmp_path):
    better = f"<instruction>{LONG} Say red or blue, in style 2.</instruction>"

    def model(request):
        return better if question(request) is None else pupil(request)

    cell = task(name, budget=Budget(calls=300), program=lengthy())
    ran = run(cell, tmp_path, model)
    asked = [r.params["max_tokens"] for r in ran.gateway.requests if question(r) is None]
    assert 1_000 < max(asked) <= longest_proposal(cell)
    texts = [str(record["slots"]) for record in ran.records if record["kind"] == "candidate"]
    assert any("in style 2" in text for text in texts)
