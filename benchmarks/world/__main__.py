"""Quality per call of every strategy, in worlds whose truth is known.

    python -m benchmarks.world [--calls 100 300 1000 3000] [--repetitions 200]
        [--strategies auto ...] [--landscapes demos ...] [--jobs 2] [--results DIR] [--minutes N]

Results are kept as they come, repetition by repetition over everything else, so a run that is
stopped has even tables and goes on with the same command. The tables show all that is kept of
what was asked for.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.world.attempts import Failed, attempts
from benchmarks.world.landscapes import LANDSCAPES
from benchmarks.world.tables import report
from benchmarks.world.trial import Plan

from benchmarks.world import kept
from landrace.optimizers.table import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.world.trial import Trial


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    options.results.mkdir(parents=True, exist_ok=True)
    known = kept.load(options.results)
    wanted = [
        Plan(landscape, strategy, calls, repetition)
        for repetition in range(options.repetitions)
        for calls in options.calls
        for landscape in options.landscapes
        for strategy in options.strategies
    ]
    missing = [plan for plan in wanted if plan not in known]
    ends = time.monotonic() + 60 * options.minutes
    failed = []
    for done, trial in enumerate(attempts(missing, options.jobs), 1):
        if isinstance(trial, Failed):
            failed.append(trial)
        else:
            kept.keep(options.results, trial)
            known[trial.plan] = trial
        _show_progress(done, len(missing))
        if time.monotonic() > ends:
            break
    found = [known[plan] for plan in wanted if plan in known]
    print(report(found, {name: LANDSCAPES[name].summary for name in options.landscapes}))
    print(_pace(found))
    if failed:
        sys.exit("\n".join(f"failed: {each.plan}\n{each.trace}" for each in failed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.world", description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[100, 300, 1000, 3000])
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument(
        "--strategies", nargs="+", choices=list(STRATEGIES), default=list(STRATEGIES)
    )
    parser.add_argument(
        "--landscapes", nargs="+", choices=list(LANDSCAPES), default=list(LANDSCAPES)
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--results", type=Path, default=Path(".landrace/world"))
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="begin no further trial after that"
    )
    return parser


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{done:,} of {total:,} trials", end=end, file=sys.stderr, flush=True)


def _pace(trials: Sequence[Trial]) -> str:
    calls = sum(trial.spent_calls for trial in trials)
    seconds = sum(trial.seconds for trial in trials)
    return (
        f"\n{len(trials):,} trials, {calls:,} calls, {1000 * seconds / max(1, calls):.2f} ms a call"
    )


if __name__ == "__main__":
    main()
