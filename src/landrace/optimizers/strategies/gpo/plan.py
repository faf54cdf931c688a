"""How many steps there are, and what they take, in runs of the program.

A question to the proposer counts as a run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import opening_runs
from landrace.optimizers.search.schedules import Schedule, whole

if TYPE_CHECKING:
    from landrace.optimizers.strategies.gpo.options import Options
    from landrace.optimizers.strategy import Sizes

HALVING = 2  # times the select cases, for the halving of a step


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one step."""
    return opening_runs(sizes) + step_runs(options, sizes)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    most = most_steps(options, sizes) * step_runs(options, sizes)
    return {"probe": probe, "search": min(runs - probe, most)}


def most_steps(options: Options, sizes: Sizes) -> int:
    """Steps of all epochs, as the paper counts them."""
    return options.epochs * max(1, round(sizes.search / options.batch))


def planned_steps(options: Options, sizes: Sizes, runs: int) -> int:
    """Steps that so many runs surely pay; the schedule ends with the last of them."""
    return max(1, min(most_steps(options, sizes), runs // step_runs(options, sizes)))


def step_runs(options: Options, sizes: Sizes) -> int:
    """The most that one step takes, other models' winners in the first one aside."""
    questions = options.candidates * (1 if options.step_size == "none" else 2)
    if options.momentum == "summary":
        questions += 1
    runs = evaluation_runs(options, sizes)
    if options.reflection:
        questions += min(sizes.nodes, options.candidates)
        runs += min(options.batch, sizes.search)
    return questions + runs


def evaluation_runs(options: Options, sizes: Sizes) -> int:
    """The most that the scores of a step take."""
    halving = options.allocation == "halving"
    times = min(options.candidates, HALVING + 1) if halving else options.candidates
    return times * sizes.select


def words_allowed(options: Options, step: int, steps: int) -> int | None:
    """How many words a step may change, at least 1; None for any number.

    ``step`` counts from 0, and ``steps`` are planned: the last of them, ``steps`` - 1, has
    `last_words`, or `words` if these are fewer, where the paper's schedule comes there one step
    after its end. A warm-up has one step at least, but leaves one for the first and one for the
    last words.
    """
    if options.step_size == "none":
        return None
    rising = min(math.ceil(options.warm_up * steps), max(0, steps - 2))
    last = min(options.last_words, options.words)
    return whole(Schedule(options.step_size, options.words, last, steps - 1, rising), step)
