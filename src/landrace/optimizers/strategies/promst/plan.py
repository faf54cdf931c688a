"""What a level takes, in runs of the program. A question to the proposer counts as a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import opening_runs

if TYPE_CHECKING:
    from landrace.optimizers.strategies.promst.options import Options
    from landrace.optimizers.strategy import Sizes

HALVING = 2  # times the select cases, for the halving of a level
DRAFTS = 2  # times as many children are written as run, where the score model chooses


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one level."""
    return opening_runs(sizes) + level_runs(options, sizes, 1)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    # Other models' winners may take as much as a level, at first.
    most = (options.levels + 1) * level_runs(options, sizes, options.kept)
    return {"probe": probe, "grow": min(runs - probe, most)}


def level_runs(options: Options, sizes: Sizes, parents: int) -> int:
    """The most that a level of so many parents takes."""
    drafts = options.children * (DRAFTS if options.score_model else 1)
    each = min(options.batch, sizes.search) + options.types + drafts
    return parents * each + (HALVING + options.kept) * sizes.select
