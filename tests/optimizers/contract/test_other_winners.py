"""What won on another model is a candidate of every strategy that takes it: scored, and served."""

from __future__ import annotations

import pytest
from strategy_traits import held_to

from landrace.schemas.candidate import Candidate
from landrace.schemas.pipeline import Budget
from strategy_world import answer, proposal, question, run, task

WINNERS = {
    "editable": "{% section task %}\nSay it well: red or blue?\n{% endsection %}\n\n"
    "Word: {{ word }}\n",
    # No instruction can be told from its input, so that nothing can grow from it.
    "fixed": "{% user %}\nSay it well: red or blue?\n\nWord: zeta\n{% enduser %}\n"
    "{% assistant %}\nred\n{% endassistant %}\n{% user %}\nWord: {{ word }}\n{% enduser %}\n",
}


def loyal(request):
    word = question(request)
    if word is None:
        return proposal(request)
    is_winner = any("Say it well" in message.content for message in request.messages)
    return answer(word, 0.97 if is_winner else 0.4)


@pytest.mark.parametrize("kind", WINNERS)
@pytest.mark.parametrize("name", held_to("takes other models' winners"))
def test_another_models_winner_is_scored_and_promoted(name, kind, tmp_path):
    other = Candidate.plain(operator="winner of other", source=WINNERS[kind])
    cell = task(name, budget=Budget(calls=600), others=(other,), select=16, holdout=30)
    ran = run(cell, tmp_path, loyal)
    admitted = [
        record["digest"]
        for record in ran.records
        if record["kind"] == "candidate" and record["slots"]["operator"] == other.operator
    ]
    assert admitted, (
        f"{name} leaves `study.setting.others` out; `rooted` or `welcomed` take them in"
    )
    (winner,) = admitted
    scored = {r["case"] for r in ran.records if r["kind"] == "score" and r["candidate"] == winner}
    assert {case.id for case in cell.select} <= scored, "it was not scored on all of select"
    assert ran.result.report.decision == "promoted"
