"""What a search takes, in runs of the program; a question to the proposer counts as a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import opening_runs

if TYPE_CHECKING:
    from landrace.optimizers.strategies.pe2.options import Options
    from landrace.optimizers.strategy import Sizes

RUNS_A_CHILD = 12  # to make it, and to tell it from the others
HARD_POOL = 16  # search cases among which the mistakes of a step's parents are looked for


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one step with some children, no guesses."""
    return opening_runs(sizes) + round_runs(options, sizes)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    children = options.parents * options.proposals
    questions = 3 * children + options.parents * HARD_POOL
    step = questions + (children + options.parents) * sizes.select
    most = options.steps * step + options.initial * (2 + sizes.select)
    return {"probe": probe, "search": min(runs - probe, most)}


def round_runs(options: Options, sizes: Sizes) -> int:
    """What a round of some children takes: to make them, compare them, and score the best."""
    children = child_runs(options, sizes) * options.parents
    return children + (HARD_POOL if options.allocation == "full" else 2 * sizes.select)


def shown_cases(options: Options, parents: int, runs: int) -> int:
    """On how many search cases so many parents are run, in a step of so many runs.

    A sixth of the runs, or enough for the examples of a question, but never more than a half.
    """
    return max(1, min(max(options.batch, runs // (6 * parents)), runs // (2 * parents)))


def payable_children(options: Options, sizes: Sizes, runs: int) -> int:
    """How many children so many runs make and score, at least one.

    Where they are compared by halving, the best of them is scored on all of `select` besides.
    """
    best = sizes.select if options.allocation == "halving" else 0
    return max(1, (runs - best) // child_runs(options, sizes))


def child_runs(options: Options, sizes: Sizes) -> int:
    """What a child takes, to make it and to score it."""
    return RUNS_A_CHILD if options.allocation == "halving" else 3 + sizes.select
