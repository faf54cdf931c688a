"""Results as they come: a line of JSON for each trial, so that an interrupted run goes on."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.world.trial import Trial, version_of

from landrace.optimizers.table import STRATEGIES

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.world.trial import Plan

FILE = "trials.jsonl"


def load(folder: Path) -> dict[Plan, Trial]:
    """The trials that are kept there, but for those of older versions of a strategy or world."""
    path = folder / FILE
    if not path.exists():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        trial = _trial(line)
        if trial is not None and trial.strategy in STRATEGIES:
            found[trial.plan] = trial
    return {
        plan: trial for plan, trial in found.items() if trial.version == version_of(plan.strategy)
    }


def keep(folder: Path, trial: Trial) -> None:
    """Append one trial, on a line of its own even where a killed run left half a line."""
    with (folder / FILE).open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(asdict(trial)).encode() + b"\n")


def _trial(line: str) -> Trial | None:
    """A trial out of its line; None where the line was cut off when its run was killed."""
    try:
        return Trial(**json.loads(line))
    except (ValueError, TypeError):
        return None
