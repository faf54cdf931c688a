"""Records as a table in Markdown for each task: a row a contestant, all seeds in each cell."""

from __future__ import annotations

from statistics import mean
from typing import TYPE_CHECKING, Any

from benchmarks.peers.contestants import CONTESTANTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Record = dict[str, Any]

COLUMNS = (
    "contestant",
    "holdout",
    "mean",
    "task-model calls",
    "proposer calls",
    "task-model tokens (thousands)",
    "proposer tokens (thousands)",
    "model time (s)",
    "wall time (s)",
)


def table(records: Sequence[Record]) -> str:
    """A table for each task, budget and pair of models, and what each contestant was set to."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(_heading(record), []).append(record)
    return "\n".join(
        line for heading in sorted(groups) for line in _group(heading, groups[heading])
    )


def _heading(record: Record) -> str:
    search, select, holdout = record["sizes"]
    model, proposer = record["models"]
    return (
        f"`{record['task']}`: {search} search, {select} select, {holdout} holdout cases; "
        f"{record['budget']} calls; `{model}`, proposer `{proposer}`"
    )


def _group(heading: str, records: Sequence[Record]) -> list[str]:
    rows, notes = [], []
    for name, contestant in CONTESTANTS.items():
        runs = sorted((r for r in records if r["contestant"] == name), key=lambda r: r["seed"])
        if runs:
            rows.append(_row(contestant.title, runs))
            notes += [
                f"- {contestant.title}, seed {run['seed']}: {run['settings']}; {run['ended']}"
                for run in runs
            ]
    head = [f"| {' | '.join(COLUMNS)} |", "| --- |" + " ---: |" * (len(COLUMNS) - 1)]
    return [heading, "", *head, *rows, "", *notes, ""]


def _row(title: str, runs: Sequence[Record]) -> str:
    scores = [100 * mean(run["scores"].values()) for run in runs]
    cells = (
        title,
        _each(runs, lambda run: f"{100 * mean(run['scores'].values()):.1f}"),
        f"{mean(scores):.1f}",
        _each(runs, _task_calls),
        _each(runs, lambda run: str(run["count"]["proposer"]["calls"])),
        _each(runs, lambda run: _tokens(run["count"]["task"])),
        _each(runs, lambda run: _tokens(run["count"]["proposer"])),
        _each(runs, _model_time),
        # Answers from an interrupted run took no time: what is shown is too little.
        _each(runs, lambda run: f"{run['search_s']:.0f}" + "†" * (run["count"]["cached"] > 0)),
    )
    return f"| {' | '.join(cells)} |"


def _each(runs: Sequence[Record], show: Callable[[Record], str]) -> str:
    return " · ".join(show(run) for run in runs)


def _task_calls(run: Record) -> str:
    refused = run["count"]["refused"]
    return f"{run['count']['task']['calls']}" + (f" (+{refused} refused)" if refused else "")


def _tokens(taken: Mapping[str, int]) -> str:
    return f"{(taken['prompt_tokens'] + taken['completion_tokens']) / 1000:.0f}"


def _model_time(run: Record) -> str:
    return f"{sum(run['count'][side]['model_s'] for side in ('task', 'proposer')):.0f}"
