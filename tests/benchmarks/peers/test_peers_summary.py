"""The table over all tasks: what a row says of a contestant's runs."""

from __future__ import annotations

from typing import Any

from benchmarks.peers.contestants import CONTESTANTS
from benchmarks.peers.summary import COLUMNS, summary
from benchmarks.peers.table import table


def record(contestant: str, task: str, share: float, seed: int = 0, **more: Any) -> dict[str, Any]:
    """A run that gets this share of ten holdout cases right."""
    return {
        "task": task,
        "contestant": contestant,
        "seed": seed,
        "budget": 600,
        "models": ["fake/task", "fake/proposer"],
        "sizes": [60, 60, 10],
        "scores": {f"case-{n}": float(n < 10 * share) for n in range(10)},
        "settings": "defaults",
        "ended": "finished",
        "search_s": 90.0,
        "count": {
            "task": {
                "calls": 590,
                "prompt_tokens": 50_000,
                "completion_tokens": 2_000,
                "model_s": 60.0,
            },
            "proposer": {
                "calls": 12,
                "prompt_tokens": 6_000,
                "completion_tokens": 3_000,
                "model_s": 20.0,
            },
            "refused": 0,
            "failed": 0,
            "cached": 0,
        },
        **more,
    }


def rows(records: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """The table's rows by contestant, each by its columns."""
    lines = [line for line in summary(records).splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in cells}


BASE = [record("base", "letters", 0.5), record("base", "words", 0.4)]


def test_a_row_has_tokens_of_each_model_apart():
    row = rows(BASE)[CONTESTANTS["base"].title]
    assert row["task-model tokens (thousands)"] == "52"
    assert row["proposer tokens (thousands)"] == "9"
    assert (row["task-model calls"], row["proposer calls"], row["wall time (s)"]) == (
        "590",
        "12",
        "90",
    )


def test_the_mean_is_over_tasks_and_base_is_one_seed():
    runs = [
        record("landrace-auto", task, share, seed)
        for task, share in (("letters", 1.0), ("words", 0.6))
        for seed in range(3)
    ]
    row = rows([*BASE, *runs])["landrace `auto`"]
    assert row["holdout, mean over tasks"].startswith("80.0 [")
    assert row["against base"].startswith("+35.0 [")
    assert row["below base"] == "0 of 6"
    assert row["contestant"] == "landrace `auto`"


def test_runs_below_base_are_counted_one_by_one():
    runs = [
        record("landrace-gepa", "letters", 0.6, 0),
        record("landrace-gepa", "letters", 0.4, 1),
        record("landrace-gepa", "words", 0.4, 0),
        record("landrace-gepa", "words", 0.3, 1),
    ]
    assert rows([*BASE, *runs])["landrace `gepa`"]["below base"] == "2 of 4"


def test_a_pair_that_never_differs_has_an_interval_of_no_width():
    runs = [record("landrace-gepa", "letters", 0.5), record("landrace-gepa", "words", 0.4)]
    assert rows([*BASE, *runs])["landrace `gepa`"]["against base"] == "+0.0 [+0.0, +0.0]"


def test_fewer_runs_than_others_are_said():
    runs = [record("landrace-auto", task, 0.5) for task in ("letters", "words")]
    found = rows([*BASE, *runs, record("landrace-gepa", "letters", 0.9)])
    assert "landrace `gepa` (1 of 2 runs)" in found


def test_without_the_base_nothing_is_held_against_it():
    row = rows([record("landrace-auto", "letters", 0.5)])["landrace `auto`"]
    assert (row["against base"], row["below base"]) == ("", "")


def test_answers_from_an_interrupted_run_mark_its_time():
    count = {**record("base", "letters", 0.5)["count"], "cached": 3}
    row = rows([record("base", "letters", 0.5, count=count)])[CONTESTANTS["base"].title]
    assert row["wall time (s)"] == "90†"


def test_a_task_of_its_own_shows_every_seed():
    runs = [record("landrace-auto", "letters", share, seed) for seed, share in ((0, 0.5), (1, 0.7))]
    found = table([BASE[0], *runs])
    assert (
        "| landrace `auto` | 50.0 · 70.0 | 60.0 | 590 · 590 | 12 · 12 | 52 · 52 | 9 · 9 "
        "| 80 · 80 | 90 · 90 |"
    ) in found
