"""Our own side of the contest with the made-up model that the peers are rehearsed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.peers.contestants import CONTESTANTS
from benchmarks.peers.rehearsal import JSON, MARKERS, TASK_MODEL, answer, made_up, rehearse

from landrace.gateway.base import Message, Request

if TYPE_CHECKING:
    from pathlib import Path

CALLS = 300
OURS = [name for name in CONTESTANTS if name.startswith("landrace-")]


def test_the_base_prompt_is_scored_without_a_search(tmp_path: Path):
    record = rehearse("base", made_up(tmp_path), tmp_path, CALLS)
    assert record["count"]["task"]["calls"] == 0
    assert len(record["scores"]) == 40


@pytest.mark.parametrize("name", OURS)
def test_a_strategy_of_ours_searches_within_the_budget(name: str, tmp_path: Path):
    record = rehearse(name, made_up(tmp_path), tmp_path, CALLS)
    count = record["count"]
    assert count["task"]["calls"] >= 60
    assert count["task"]["calls"] + count["proposer"]["calls"] <= CALLS
    assert (count["refused"], count["failed"]) == (0, 0)
    assert len(record["scores"]) == 40
    assert record["messages"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Write the opposite.\n\nword3", "{}"),
        ("word1 is not word1\nword3\nAnswer between <final> and </final>.", "<final>{}</final>"),
        (
            f"word3\n\n{MARKERS}, from `[[ ## answer ## ]]` to `[[ ## completed ## ]]`.",
            "[[ ## answer ## ]]\n{}\n\n[[ ## completed ## ]]\n{}",
        ),
        (f"word3\n\n{JSON} in the following order of fields: `answer`.", '{{"answer": "{}"}}'),
    ],
)
def test_the_made_up_model_answers_in_the_form_that_is_asked_for(question: str, said: str):
    found = answer(Request(TASK_MODEL, (Message("user", question),)))
    assert found in {said.format(*[text] * 2) for text in ("word3", "not word3")}


def test_the_made_up_model_is_better_with_care_and_with_examples():
    def right(start: str) -> int:
        asked = (
            Request(TASK_MODEL, (Message("user", f"{start} word{n}"),)) for n in range(100, 300)
        )
        return sum(answer(each).startswith("not ") for each in asked)

    plain, careful, shown = right("Write:"), right("Write carefully:"), right("word1, not word1;")
    assert plain < careful < right("Carefully and carefully: word1, not word1;")
    assert plain < shown
