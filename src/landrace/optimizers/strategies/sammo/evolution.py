"""Regularized evolution (Real et al. 2019, algorithm 1): the oldest dies, however good it is."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from landrace.optimizers.search.bag import Bag
from landrace.optimizers.strategies.sammo.breeding import lesson, mutated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.sammo.arena import Arena
    from landrace.optimizers.strategies.sammo.options import Options

TRIED = 4  # so many times a child's cases may go into making it
TOURNAMENT = 4  # the population is so many times a tournament, as in SAMMO


def evolution(arena: Arena, options: Options, starts: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The best of all that ever lived, after each birth.

    Until the population is full, parents are its members in turn; then each parent is the best
    of a random quarter. With `halving` a newcomer is scored on as many select cases as its
    share of the runs pays for, the same ones for all.

    SAMMO's own adds a list to an iterator, and may choose the best of nothing; neither can
    happen here: a tournament has at least one member.

    Raises:
        BudgetExhaustedError: the next child could not be paid; those before stand.
    """
    study, bag = arena.study, Bag(options.operators)
    count = len(study.select)
    if not arena.is_full:
        count = min(count, int(study.runs_left() / (options.max_candidates + len(starts))))
    cases = study.select[: max(1, count)]
    study.evaluate(starts, cases)
    population = deque(starts)
    history = {entry.digest: entry for entry in starts}
    for birth in range(options.max_candidates):
        rng = study.rng(f"sammo/evolution/{birth}")
        if len(population) < options.population:
            parent = population[birth % len(population)]
        else:
            size = max(1, options.population // TOURNAMENT)
            parent = study.ranked(rng.sample(list(population), size), cases)[0]
        spare = study.runs_left() - TRIED * len(cases)
        child, bag = mutated(study, parent, bag, options.tuning, rng, spare=spare)
        if child is None:
            continue
        study.evaluate([child.entry], cases)
        bag = lesson(arena, [child], bag, cases)
        population.append(child.entry)
        if len(population) > options.population:
            population.popleft()
        history[child.entry.digest] = child.entry
        yield study.ranked(list(history.values()), cases)[: options.width]
