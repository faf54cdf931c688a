"""How large a search fits a budget of task-model calls, by each peer's own arithmetic.

It needs no peer, so it can be tested where none is installed.
"""

from __future__ import annotations

from typing import NamedTuple

# Runs of the program for each set of examples that dspy bootstraps. It can take more.
BOOTSTRAPPING = 4
SIMBA_CANDIDATES = 6
SIMBA_BATCH, SIMBA_STEPS = 32, 8
LEAST_BATCH = 8


def bootstrap_calls(candidates: int, val: int) -> int:
    """Of dspy's random search: each program on ``val`` cases, three of them besides the candidates,
    of which one is bootstrapped like them.
    """
    return (candidates + 3) * val + BOOTSTRAPPING * (candidates + 1)


def bootstrap_candidates(budget: int, val: int, most: int) -> int:
    """The most that fit, none if only the three do."""
    return max((n for n in range(most + 1) if bootstrap_calls(n, val) <= budget), default=0)


class SimbaSize(NamedTuple):
    batch: int
    steps: int
    train: int

    @property
    def calls(self) -> int:
        """The most: samples and children of each step on its batch, and all that won on all."""
        step = self.batch * (2 * SIMBA_CANDIDATES + 1)
        return self.steps * step + min(self.steps, SIMBA_CANDIDATES) * self.train + self.train


def simba_size(budget: int, cases: int) -> SimbaSize:
    """Its defaults if they fit, on all cases; else the smaller batch, then the fewer steps.

    At the end it tries a winner of each step on all it was given, so that is at most a tenth of
    the budget, and no fewer than two batches.
    """
    train = min(cases, max(2 * LEAST_BATCH, budget // 10))
    sizes = [
        SimbaSize(batch, steps, train)
        for steps in range(SIMBA_STEPS, 0, -1)
        for batch in range(min(SIMBA_BATCH, train), LEAST_BATCH - 1, -1)
    ]
    return next((size for size in sizes if size.calls <= budget), sizes[-1])


# What CAPO asks of a step, and the most examples that it shows.
CROSSOVERS, SHOTS = 4, 5
FEWEST_CASES = 20


class CapoSize(NamedTuple):
    """``train`` cases to race on, in blocks of ``block``, and ``shown`` to take examples from."""

    population: int
    train: int
    block: int
    shown: int

    @property
    def first_step(self) -> int:
        """The most calls: all on all, and a run for each example, of which it wants reasons."""
        runs = (self.population + CROSSOVERS) * (self.train // self.block) * self.block
        return runs + SHOTS * self.population + CROSSOVERS


def capo_size(budget: int, cases: int) -> CapoSize:
    """So that the first race, which seldom drops anyone, takes half of the budget at most.

    A population of 10 and blocks of 30, as in its paper, where there are the calls for it. Else
    first a smaller population, then fewer cases; a race has three blocks at least.
    """
    shown = max(SHOTS, cases // 10)
    for population in range(10, 4, -1):
        fitting = (budget // 2 - SHOTS * population - CROSSOVERS) // (population + CROSSOVERS)
        if fitting >= min(30, cases - shown):
            break
    train = max(3, min(cases - shown, fitting))
    return CapoSize(population, train, min(30, train // 3), shown)


class EvoSize(NamedTuple):
    population: int
    steps: int
    train: int

    @property
    def calls(self) -> int:
        """Every generation on all cases, the first one among them."""
        return self.population * (1 + self.steps) * self.train


def evo_size(budget: int, cases: int) -> EvoSize:
    """The paper's population of 10 and 10 steps if each prompt meets enough cases, else fewer."""
    for population, steps in ((10, 10), (10, 5), (8, 4), (6, 4)):
        train = min(cases, budget // (population * (1 + steps)))
        if train >= min(cases, FEWEST_CASES):
            break
    return EvoSize(population, steps, max(1, train))


def opro_cases(budget: int, cases: int, proposals: int) -> int:
    """Cases for each instruction, so that ten steps fit if that leaves enough, and else three."""
    for steps in range(10, 2, -1):
        train = min(cases, budget // (1 + proposals * steps))
        if train >= min(cases, FEWEST_CASES):
            break
    return max(1, train)
