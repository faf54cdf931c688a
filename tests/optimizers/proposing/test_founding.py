"""First populations, as EvoPrompt begins with them."""

from __future__ import annotations

import itertools

import pytest

from landrace.optimizers.proposing.founding import population_size
from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget
from strategy_world import CHAIN, chain, chained, run, task

OTHER = "{% section task %}\nRed or blue? Think of the sea.\n{% endsection %}\n\nWord: {{ word }}\n"


@pytest.mark.parametrize(
    ("wanted", "runs", "size"), [(10, 1000, 10), (10, 70, 7), (10, 12, 4), (3, 12, 3), (2, 900, 2)]
)
def test_a_population_is_as_large_as_runs_feed(wanted, runs, size):
    assert population_size(wanted, 4, runs, 10) == size


def _founders(ran):
    found = [r for r in ran.records if r["kind"] == "candidate"]
    return [r for r in found if r["slots"]["operator"] == "founder"]


def _questions(ran):
    texts = ["\n".join(m.content for m in r.messages) for r in ran.gateway.requests]
    return [text for text in texts if "Write a better" in text]


def test_other_models_winners_come_before_rewritten_instructions(tmp_path):
    options = {"population": 5, "steps": 1}
    other = Candidate.plain(operator="of another model", source=OTHER)
    alone = run(task("evoprompt", options=options, budget=Budget(calls=900)), tmp_path / "alone")
    cell = task("evoprompt", options=options, budget=Budget(calls=900), others=(other,))
    ran = run(cell, tmp_path / "with")
    assert (len(_questions(alone)), len(_questions(ran))) == (4, 3)
    scored = {r["candidate"] for r in ran.records if r["kind"] == "score"}
    operators = {
        r["slots"]["operator"]
        for r in ran.records
        if r["kind"] == "candidate" and r["digest"] in scored
    }
    assert "of another model" in operators


def test_each_question_has_a_tip_of_its_own(tmp_path):
    cell = task("evoprompt", options={"population": 5, "steps": 1}, budget=Budget(calls=900))
    tips = [
        text.split("\n\nWrite a better")[0].splitlines()[-1]
        for text in _questions(run(cell, tmp_path))
    ]
    assert len(set(tips)) == 4


def test_the_nodes_of_a_program_take_turns(tmp_path):
    numbers = itertools.count()

    def model(request):
        said = chained(request)
        return f"Say red or blue, number {next(numbers)}." if said is None else said

    options = {"population": 7, "steps": 1}
    cell = task("evoprompt", options=options, program=chain(), budget=Budget(calls=3000))
    changed = [list(r["slots"]["nodes"]) for r in _founders(run(cell, tmp_path, model))]
    assert changed == [[node] for node in (*CHAIN, *CHAIN)]
