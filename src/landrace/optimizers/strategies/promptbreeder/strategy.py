"""The search, and what its stages may take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.opening import opened, opening_runs
from landrace.optimizers.search.rounds import confirmed, confirming_runs, last_round
from landrace.optimizers.slots.few_shots import workings_of
from landrace.optimizers.strategies.promptbreeder.nursery import (
    LEAST_POPULATION,
    Nursery,
    runs_each,
)
from landrace.optimizers.strategies.promptbreeder.unit import Unit

if TYPE_CHECKING:
    from landrace.optimizers.slots.few_shots import Shot
    from landrace.optimizers.strategies.promptbreeder.options import Options
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Study

VERSION = "5"


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: a small population and two generations."""
    each = runs_each(options, min(options.cases, sizes.select))
    return opening_runs(sizes) + 2 * LEAST_POPULATION * each + confirming_runs(sizes, options.cases)


def shares(options: Options, sizes: Sizes, runs: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``runs`` of them in all."""
    probe = min(runs, opening_runs(sizes))
    confirming = min(runs - probe, confirming_runs(sizes, options.cases))
    return {"probe": probe, "evolve": runs - probe - confirming, "confirm": confirming}


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = None
    shots: dict[str, list[Shot]] = {}
    with study.stage("probe", "how good is what we have"):
        start = opened(study)
        if start is not None and options.max_shots:
            shots = workings_of(study, start)
    if start is None:
        return
    nursery = Nursery(study, options, start, shots)
    note, none = "binary tournaments of units", list[Unit]()
    units = last_round(study, "evolve", note, none, nursery.generations)
    entries = [unit.entry for unit in units] or [start.entry]
    confirmed(study, entries, study.select[: options.cases])
