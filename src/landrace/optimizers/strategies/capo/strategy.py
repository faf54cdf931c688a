"""The search, and what its stages may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import opened, opening_runs
from landrace.optimizers.search.rounds import crowned, last_round
from landrace.optimizers.slots.few_shots import shots_of
from landrace.optimizers.strategies.capo.breeding import LEAST_POPULATION, QUESTIONS, Breeding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.slots.few_shots import Shot
    from landrace.optimizers.strategies.capo.options import Options
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Study

VERSION = "4"


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: a small population and one generation."""
    block = min(options.block, sizes.select)
    members = min(LEAST_POPULATION, options.population)
    bred = options.crossovers * (QUESTIONS + block)
    return opening_runs(sizes) + members * (1 + block) + bred + sizes.select


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all.

    The crown's are those that one survivor of a block needs; breeding leaves it what it can use.
    """
    probe = min(runs, opening_runs(sizes))
    rest = runs - probe
    crowning = min(rest, max(0, sizes.select - options.block))
    return {"probe": probe, "evolve": rest - crowning, "crown": crowning}


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = None
    shots: Mapping[str, Sequence[Shot]] = {}
    with study.stage("probe", "how good is what we have"):
        start = opened(study)
        if start is not None and options.max_shots:
            shots = shots_of(study, start)
    if start is None:
        return
    breeding = Breeding(study, options, start, shots)
    note = "cross, mutate, race"
    crowned(study, last_round(study, "evolve", note, [start.entry], breeding.generations))
