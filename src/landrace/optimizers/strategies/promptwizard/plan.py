"""What the stages take, in runs of the program. A question to the proposer counts as a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import SHOWN_CASES, opening_runs

if TYPE_CHECKING:
    from landrace.optimizers.strategies.promptwizard.options import Options
    from landrace.optimizers.strategy import Sizes

HALVING = 3  # times the select cases, to find the best of a few
CRITIQUE = 2  # questions: a critique, and the synthesis after it
ENRICH_SHARE = 3  # a third of what the probe leaves goes to examples and role, at most


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: one iteration."""
    return opening_runs(sizes) + iteration_runs(options, sizes)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    rest = runs - probe
    one = iteration_runs(options, sizes)
    enrich = min(rest // ENRICH_SHARE, max(0, rest - one), enriching_runs(options, sizes))
    # Other models' winners may take as much as an iteration, at first.
    most = (options.iterations + 1) * one
    return {"probe": probe, "refine": min(rest - enrich, most), "enrich": enrich}


def iteration_runs(options: Options, sizes: Sizes) -> int:
    """The most that an iteration takes: variants, the best in full, and a refinement of it."""
    return options.rounds + (HALVING + 1) * sizes.select + refining_runs(options, sizes)


def refining_runs(options: Options, sizes: Sizes) -> int:
    """The most that a critique, its synthesis and the comparison take."""
    return min(options.seen, sizes.search) + CRITIQUE + sizes.select


def enriching_runs(options: Options, sizes: Sizes) -> int:
    """The most that examples, the refinement with them, and the role take."""
    examples = examples_runs(options, sizes) + refining_runs(options, sizes)
    return (examples if options.examples else 0) + (role_runs(sizes) if options.role else 0)


def examples_runs(options: Options, sizes: Sizes) -> int:
    """The most that finding the best set of examples takes."""
    searched = min(SHOWN_CASES, sizes.search) + min(options.seen, sizes.search)
    return searched + (HALVING + 1) * sizes.select


def role_runs(sizes: Sizes) -> int:
    """The most that a role takes."""
    return 1 + sizes.select
