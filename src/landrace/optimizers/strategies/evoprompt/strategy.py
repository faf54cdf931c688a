"""The search: children of a population, and who stays (EvoPrompt, algorithm 1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from landrace.optimizers.proposing.founding import founders, population_size
from landrace.optimizers.search.rounds import confirmed, last_round, probed
from landrace.optimizers.strategies.evoprompt.litter import Litter
from landrace.optimizers.strategies.evoprompt.options import LEAST_POPULATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategies.evoprompt.options import Options
    from landrace.optimizers.study import Study

VERSION = "2"

ROUNDS = 4  # the founders and three generations are to be fed
PATIENCE = 3  # generations without a new child


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = probed(study)
    if start is None:
        return
    note = f"a population, by {options.algorithm}"
    generations = partial(_generations, study, options, start)
    population = last_round(study, "evolve", note, [start.entry], generations)
    confirmed(study, population, study.select[: options.cases])


def _generations(study: Study, options: Options, start: Start, runs: int) -> Iterator[list[Entry]]:
    """The population after each generation."""
    cases = study.select[: options.cases]
    each = 1 + len(cases)  # a child's question and its fitness
    size = population_size(options.population, LEAST_POPULATION, runs, ROUNDS * each)
    population = founders(study, start, size)
    study.evaluate(population, cases)
    yield population
    idle = 0
    for step in range(options.steps):
        # A child of DE replaces one member or nobody, and founders may have been fewer than wanted.
        most = size if options.algorithm == "ga" else len(population)
        room = min(most, int(study.runs_left() // each))
        if not room or idle == PATIENCE:
            return
        litter = Litter(study, options, start.nodes, study.ranked(population, cases), cases)
        children = litter.born(step, room)
        study.evaluate(list(children.values()), cases)
        if options.algorithm == "ga":
            population = study.ranked([*population, *children.values()], cases)[:size]
        else:
            population = [
                study.ranked([member, children.get(n, member)], cases)[0]
                for n, member in enumerate(litter.population)
            ]
        idle = 0 if children else idle + 1
        yield population
