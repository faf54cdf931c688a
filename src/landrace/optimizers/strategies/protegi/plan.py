"""How many rounds there are, and what they take, in runs of the program.

A question to the proposer counts as a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import opening_runs

if TYPE_CHECKING:
    from landrace.optimizers.strategies.protegi.options import Options
    from landrace.optimizers.strategy import Sizes

CROWN_SHARE = 20  # percent of what the probe leaves
RUNS_A_CHILD = 12  # to make it, and to tell it from the others


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one round with some children."""
    return opening_runs(sizes) + sizes.select + round_runs(options)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    rest = runs - probe
    beam = options.beam * sizes.select  # nobody else is crowned
    crowning = min(rest, beam, max(sizes.select, rest * CROWN_SHARE // 100))
    most = options.rounds * options.beam * _most_of_a_parent(options, sizes)
    return {"probe": probe, "search": min(rest - crowning, most), "crown": crowning}


def round_runs(options: Options) -> int:
    """The fewest runs that a round is begun with: one child for each of the beam, and some."""
    return RUNS_A_CHILD * (options.beam + 2)


def _most_of_a_parent(options: Options, sizes: Sizes) -> int:
    """Runs and questions for a parent's children, and the scores of parent and children in full."""
    made = options.edits * (1 + options.paraphrases)
    questions = options.gradients * (1 + made) + options.paraphrases * sizes.nodes
    batch = min(options.batch, sizes.search)
    return questions + batch + (1 + options.children) * sizes.select
