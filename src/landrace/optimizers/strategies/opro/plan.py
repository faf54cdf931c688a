"""How many steps there are, and what they take, in runs of the program.

A question to the proposer counts as a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.proposing.opening import opening_runs
from landrace.optimizers.strategies.opro.options import watches

if TYPE_CHECKING:
    from landrace.optimizers.strategies.opro.options import Options
    from landrace.optimizers.strategy import Sizes

LEAST_STEPS = 8  # planned for before candidates get more cases, unless the options allow fewer
LEAST_CASES = 8
FINALISTS = 4
POOL = 16  # search cases among which those are looked for that most often go wrong


class Plan(NamedTuple):
    """How many select cases score a proposal, and the most runs of a step.

    ``watched`` of these tell what its best gets wrong.
    """

    cases: int
    step: int
    watched: int


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one step."""
    return opening_runs(sizes) + planned(options, sizes, 0).step + sizes.select


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    rest = runs - probe
    spare = rest - planned(options, sizes, 0).step  # a search without a step would be none
    wanted = max(sizes.select, min(runs // 6, spare))
    crowning = min(rest, FINALISTS * sizes.select, wanted)
    left = rest - crowning
    search = min(left, options.steps * planned(options, sizes, left).step)
    return {"probe": probe, "search": search, "crown": crowning}


def planned(options: Options, sizes: Sizes, runs: int) -> Plan:
    """As many cases as leave room for some steps, as far as there are so many."""
    watched = min(POOL, sizes.search) if watches(options) else 0
    steps = min(LEAST_STEPS, options.steps)
    room = (runs // steps - watched) // options.proposals - 1
    cases = min(options.cases, sizes.select, max(LEAST_CASES, room))
    return Plan(cases, options.proposals * (1 + cases) + watched, watched)
