"""How many runs each stage may take, and how large pool, slices and litters are: pure.

Runs are runs of the program; a question to the proposer counts as one.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import SHOWN_CASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.strategies.auto.options import Options
    from landrace.optimizers.strategy import Sizes

LEAST_POOL = 4
RUNS_OF_OWN_WORDS = 300  # from so many on, some are spent on how the model words its answers
LEAST_PROPOSALS = 4
RUNS_A_PROPOSAL = 40  # of a search's runs, one question for the pool in so many
SURVIVORS = 4  # of the first round, half as many of a small one
RUNS_OF_A_LOOP = 100  # with less than that, beside what survivors need, there are no generations
NOTICED = 0.1  # the difference of means that a slice is to show
SMALLEST, LARGEST = 10, 30  # cases of a slice
GATE = 16  # cases on which a child meets its parent first, at most
SHORTEN = 8  # times the select cases: most that shortening is given


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense."""
    return (sizes.rivals + 3) * sizes.select + min(LEAST_PROPOSALS, options.proposals)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all.

    There are no generations where there is not enough for some of them; then a wider first
    round finds more.
    """
    probe = min(runs, sizes.rivals * sizes.select)
    rest = runs - probe
    propose = min(rest, questions(options, rest) + shown_runs(sizes, rest))
    rest -= propose
    if rest < (SURVIVORS + 2) * sizes.select + RUNS_OF_A_LOOP:
        crown = min(rest, max(sizes.select * 3 // 4, rest // 4))
        shorten = (rest - crown) // 8 if options.shorten else 0
        found = {"screen": rest - crown - shorten, "crown": crown}
    else:
        crown = min(rest // 10, 4 * sizes.select)
        shorten = min(rest // 10, SHORTEN * sizes.select) if options.shorten else 0
        screen = min(rest * 35 // 100, (options.pool + SURVIVORS) * sizes.select)
        found = {"screen": screen, "breed": rest - screen - crown - shorten, "crown": crown}
    last = {"shorten": shorten} if options.shorten else {}
    return {"probe": probe, "propose": propose, **found, **last}


def shown_runs(sizes: Sizes, runs: int) -> int:
    """Search cases that are run to see what nodes read and how the model words its answers."""
    if sizes.is_plain and runs < RUNS_OF_OWN_WORDS:
        return 0
    return min(SHOWN_CASES, sizes.search)


def questions(options: Options, runs: int) -> int:
    """How many instructions the proposer is asked for, for the pool of so many runs."""
    return min(options.proposals, max(LEAST_PROPOSALS, runs // RUNS_A_PROPOSAL))


def pool_size(options: Options, runs: int, slice_: int) -> int:
    """How many candidates so many runs can tell apart; more would pick survivors by luck."""
    return min(options.pool, max(LEAST_POOL, 3 * runs // slice_))


def survivors(pool: int) -> int:
    """How many of the first round go on."""
    return SURVIVORS if pool >= 2 * SURVIVORS else SURVIVORS // 2


def gate_size(slice_: int) -> int:
    """How many cases of a slice a gate takes.

    With 16, of children that are 6 points better 59% pass, and 40% of equal ones; more cases
    would tell them apart better, but each child then costs more than another child.
    """
    return min(GATE, slice_)


def open_cases(select: int) -> int:
    """On how many of the select cases candidates that breed are compared; the rest is kept back."""
    return max(1, select * 3 // 4)


def slice_size(scores: Sequence[float], cases: int) -> int:
    """On how many of ``cases`` cases a difference of a tenth can be noticed, from scores so far.

    BudgetAPO (2610.05671): (sigma / .1) squared, 10 to 30.
    """
    sigma = statistics.pstdev(scores) if scores else NOTICED * LARGEST**0.5
    return min(cases, max(SMALLEST, min(LARGEST, round((sigma / NOTICED) ** 2))))
