"""Records as one table in Markdown over all tasks: a row for each contestant."""

from __future__ import annotations

from collections import defaultdict
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np
from benchmarks.peers.contestants import CONTESTANTS
from benchmarks.peers.intervals import over_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.peers.intervals import Interval
    from numpy.typing import NDArray

    Record = dict[str, Any]
    Scores = Mapping[str, NDArray[np.float64]]

BASE = "base"
COLUMNS = (
    "contestant",
    "holdout, mean over tasks",
    "against base",
    "below base",
    "task-model calls",
    "proposer calls",
    "task-model tokens (thousands)",
    "proposer tokens (thousands)",
    "wall time (s)",
)


def summary(records: Sequence[Record]) -> str:
    """The table for one budget and pair of models; calls, tokens and seconds are means of a run.

    ``records`` are of one contest: the same models, budget and cases. A contestant that lacks a
    run of a task stands on fewer runs, which the row says; its mean is over other tasks then.
    """
    chosen = {name: [r for r in records if r["contestant"] == name] for name in CONTESTANTS}
    runs = {name: found for name, found in chosen.items() if found}
    tasks = {record["task"] for record in records}
    most = max(len(found) for found in runs.values())
    base = _scores(runs.get(BASE, []))
    seeds = len({record["seed"] for record in records})
    model, proposer = records[0]["models"]
    counted = "1 task" if len(tasks) == 1 else f"{len(tasks)} tasks"
    terms = f"{counted}, seeds: {seeds}, {records[0]['budget']} task-model calls"
    lines = [
        f"{terms}; `{model}`, proposer `{proposer}`; in brackets the 95 % interval",
        "",
        f"| {' | '.join(COLUMNS)} |",
        "| --- |" + " ---: |" * (len(COLUMNS) - 1),
        *(_row(name, found, base, most) for name, found in runs.items()),
        "",
    ]
    return "\n".join(lines)


def _row(name: str, runs: Sequence[Record], base: Scores, most: int) -> str:
    contestant = CONTESTANTS[name]
    is_short = contestant.seeded and len(runs) < most
    scores = _scores(runs)
    cells = (
        contestant.title + (f" ({len(runs)} of {most} runs)" if is_short else ""),
        "{:.1f} [{:.1f}, {:.1f}]".format(*_points(over_tasks(list(scores.values())))),
        *(("", "") if name == BASE else _against(base, scores)),
        _mean(runs, lambda count: count["task"]["calls"]),
        _mean(runs, lambda count: count["proposer"]["calls"]),
        _mean(runs, lambda count: _tokens(count["task"]) / 1000),
        _mean(runs, lambda count: _tokens(count["proposer"]) / 1000),
        # Answers from an interrupted run took no time: what is shown is too little.
        f"{mean(run['search_s'] for run in runs):,.0f}"
        + "†" * any(run["count"]["cached"] for run in runs),
    )
    return f"| {' | '.join(cells)} |"


def _against(base: Scores, scores: Scores) -> tuple[str, str]:
    """The paired difference from base, and in how many runs the holdout's mean was below its."""
    if base.keys() < scores.keys():
        return "", ""
    pairs = [found - base[task] for task, found in scores.items()]
    below = sum(int((pair.mean(axis=1) < 0).sum()) for pair in pairs)
    runs = sum(len(pair) for pair in pairs)
    difference = "{:+.1f} [{:+.1f}, {:+.1f}]".format(*_points(over_tasks(pairs)))
    return difference, f"{below} of {runs}"


def _scores(runs: Sequence[Record]) -> Scores:
    """For each task a row a seed and a column a case, in the holdout's order."""
    by_task = defaultdict(list)
    for run in runs:
        by_task[run["task"]].append(list(run["scores"].values()))
    return {task: np.asarray(rows, dtype=float) for task, rows in sorted(by_task.items())}


def _points(interval: Interval) -> list[float]:
    return [100 * bound for bound in interval]


def _mean(runs: Sequence[Record], of: Callable[[dict[str, Any]], float]) -> str:
    return f"{mean(of(run['count']) for run in runs):,.0f}"


def _tokens(taken: Mapping[str, int]) -> int:
    return taken["prompt_tokens"] + taken["completion_tokens"]
