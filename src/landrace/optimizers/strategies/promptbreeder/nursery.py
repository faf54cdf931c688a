"""The population of units, generation by generation (§3; after Harvey's microbial algorithm)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.proposing.breeding import newcomers
from landrace.optimizers.proposing.founding import population_size
from landrace.optimizers.proposing.opening import context_of, welcomed
from landrace.optimizers.search.mating import fitness_of, texts
from landrace.optimizers.search.rounds import guest_runs
from landrace.optimizers.search.turns import turns
from landrace.optimizers.slots.demo_limit import limited
from landrace.optimizers.slots.few_shots import drawn
from landrace.optimizers.strategies.promptbreeder.operators import (
    OPERATORS,
    QUESTIONS,
    Scene,
    crossed,
    invented,
)
from landrace.optimizers.strategies.promptbreeder.thoughts import MUTATIONS
from landrace.optimizers.strategies.promptbreeder.unit import Place, Unit, prompted, replaced

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.slots.few_shots import Shot
    from landrace.optimizers.strategies.promptbreeder.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

LEAST_POPULATION = 4
ROUNDS = 4  # times the population: the founders and six generations, each of half as many children
PATIENCE = 3  # generations without a new child


def runs_each(options: Options, cases: int) -> int:
    """The most that one unit takes: questions, workings, fitness."""
    return QUESTIONS + options.workings + cases


class Nursery:
    """Where units grow up; ``shots`` are the right answers that a node's context is made of."""

    def __init__(
        self, study: Study, options: Options, start: Start, shots: Mapping[str, Sequence[Shot]]
    ) -> None:
        self._study = study
        self._options = options
        self._start = start
        self._shots = shots
        self._cases = study.select[: options.cases]
        self._elites: list[Unit] = []

    def generations(self, runs: int) -> Iterator[list[Unit]]:
        """The population after each generation.

        Raises:
            BudgetExhaustedError: a ceiling other than that of calls was met.
        """
        each = runs_each(self._options, len(self._cases))
        size = population_size(self._options.population, LEAST_POPULATION, runs, ROUNDS * each)
        population = self._founded(size)
        self._score(population)
        yield population
        idle = 0
        for number in range(self._options.generations):
            room = int(self._study.runs_left() // each)
            if not room or idle == PATIENCE:
                return
            grown = self._generation(population, number, room)
            idle = idle + 1 if _digests(grown) == _digests(population) else 0
            population = grown
            yield population

    def _founded(self, size: int) -> list[Unit]:
        """The start and other models' winners as they are, the rest out of the description."""
        study, start = self._study, self._start
        entries = [start.entry, *welcomed(study, start, guest_runs(study.runs_left()))][:size]
        units = []
        for number, node in enumerate(turns(start.nodes, 0, size)):
            rng = study.rng(f"promptbreeder/founders/{number}")
            mutation = rng.choice(MUTATIONS)
            if number < len(entries):
                units.append(Unit(entries[number], self._prompts(entries[number]), mutation))
                continue
            context = context_of(study, start.entry, node, rng)
            first = invented(context, "")
            second = invented(context, first) if first else None
            if first and second:
                pair = (first, second)
                prompts = {**units[0].prompts, node: pair}
                child = prompted(context, "promptbreeder, founder", pair)
                units += self._admitted(child, prompts, mutation)
        return units

    def _prompts(self, entry: Entry) -> dict[str, tuple[str, str]]:
        return {node: (texts(self._study, [entry], node)[0], "") for node in self._start.nodes}

    def _generation(self, population: list[Unit], number: int, room: int) -> list[Unit]:
        """After a tournament of each pair: the winner's child takes the loser's place."""
        rng = self._study.rng(f"promptbreeder/{number}")
        ranked = self._ranked(population)
        self._elites.append(ranked[0])
        children, lost = [], set()
        for winner, loser in _pairs(len(ranked), rng)[:room]:
            child = self._child(ranked[winner], ranked, rng)
            children += child
            if child and loser != winner:
                lost.add(loser)
        self._score(children)
        left = [unit for rank, unit in enumerate(ranked) if rank not in lost] + children
        self._study.log("population", digests=[unit.entry.digest for unit in left])
        return left

    def _child(self, unit: Unit, ranked: Sequence[Unit], rng: random.Random) -> list[Unit]:
        """At most one: an operator drawn at random, then perhaps crossover and new examples."""
        place = Place(rng.choice(self._start.nodes), rng.choice((0, 1)))
        fitness = fitness_of(self._study, [each.entry for each in ranked], self._cases)
        scene = Scene(self._study, self._options, unit, place, ranked, fitness, self._elites, rng)
        name = rng.choice(list(OPERATORS))
        mutant = OPERATORS[name](scene)
        if mutant is None:
            return []
        text = mutant.text
        other = crossed(scene) if rng.random() < self._options.crossover else None
        if other is not None:
            name, text = f"{name}, crossover", other
        prompts = replaced(unit.prompts, place, text)
        child = prompted(scene.context, f"promptbreeder, {name}", prompts[place.node])
        return self._admitted(self._shuffled(child, scene), prompts, mutant.mutation)

    def _shuffled(self, child: Candidate, scene: Scene) -> Candidate:
        """The child with another set of the model's right answers, by chance."""
        shots = self._shots.get(scene.place.node, ())
        if not shots or scene.rng.random() >= self._options.shuffle:
            return child
        count = scene.rng.randint(0, self._options.max_shots)
        demos = drawn(scene.context.view, shots, count, scene.rng)
        return child.changed(
            child.operator, node=scene.place.node, parent=scene.unit.entry.digest, demos=demos
        )

    def _admitted(
        self, candidate: Candidate, prompts: Mapping[str, tuple[str, str]], mutation: str
    ) -> list[Unit]:
        made = limited(candidate, self._options.max_shots)
        return [Unit(entry, prompts, mutation) for entry in newcomers(self._study, [made])]

    def _score(self, units: Sequence[Unit]) -> None:
        self._study.evaluate([unit.entry for unit in units], self._cases)

    def _ranked(self, units: Sequence[Unit]) -> list[Unit]:
        by_digest = {unit.entry.digest: unit for unit in units}
        entries = self._study.ranked([unit.entry for unit in units], self._cases)
        return [by_digest[entry.digest] for entry in entries]


def _pairs(units: int, rng: random.Random) -> list[tuple[int, int]]:
    """Random pairs of ranks, the better first; a unit without any other meets itself."""
    drawn_ = rng.sample(range(units), units)
    pairs = zip(drawn_[::2], drawn_[1::2], strict=False)
    return [(min(pair), max(pair)) for pair in pairs] or [(0, 0)]


def _digests(units: Sequence[Unit]) -> set[str]:
    return {unit.entry.digest for unit in units}
