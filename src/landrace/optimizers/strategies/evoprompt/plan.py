"""What the stages take, in runs of the program. A question to the proposer counts as a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import opening_runs
from landrace.optimizers.search.rounds import confirming_runs
from landrace.optimizers.strategies.evoprompt.options import LEAST_POPULATION

if TYPE_CHECKING:
    from landrace.optimizers.strategies.evoprompt.options import Options
    from landrace.optimizers.strategy import Sizes


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: a small population and one generation."""
    each = 1 + min(options.cases, sizes.select)
    return opening_runs(sizes) + 2 * LEAST_POPULATION * each + confirming_runs(sizes, options.cases)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    confirming = min(runs - probe, confirming_runs(sizes, options.cases))
    return {"probe": probe, "evolve": runs - probe - confirming, "confirm": confirming}
