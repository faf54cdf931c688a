"""``evoprompt``: evolution whose operators are questions (Guo et al. 2023, arXiv 2309.08532).

GA (§3.2, algorithm 2): two parents by roulette, crossed and mutated by one question; of parents
and children together the best stay. DE (§3.3, algorithm 3): what sets two random members apart is
mutated, put into the best one and crossed with the member itself, which it replaces if it is
better. All in one question.

Mended: fitness is measured on ``select`` cases that all share, the winner is proved on
``holdout``, and the prompt that is to be beaten is a member of the first population as it is. The
population is no larger than lets the runs feed three generations. In a program a child is
crossed in one node in which the parents differ; of the others it has either parent's. The
paper's top-p of .95 is left to the proposer's own ``params``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field

from landrace.optimizers.allocation.contest import best_in_full
from landrace.optimizers.proposing.founding import founders, population_size
from landrace.optimizers.proposing.opening import context_of, opened, opening_runs
from landrace.optimizers.proposing.proposers import contract_rule
from landrace.optimizers.proposing.wording import read_proposal
from landrace.optimizers.search.mating import bred, crossing_node, roulette, texts
from landrace.schemas.base import Strict

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.strategy import Sizes
    from landrace.optimizers.study import Entry, Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

VERSION = "1"

LEAST_POPULATION = 4  # DE needs a member, two others that differ, and a best one
ROUNDS = 4  # the founders and three generations are to be fed
FINALISTS = 3
PATIENCE = 3  # generations without a new child


class Options(Strict):
    """Options of ``evoprompt``; the defaults are the paper's (§4.1)."""

    algorithm: Literal["ga", "de"] = Field(default="ga", description="Genetic or differential.")
    population: int = Field(
        default=10, ge=LEAST_POPULATION, le=64, description="Members, as far as runs suffice."
    )
    steps: int = Field(default=10, ge=1, le=100, description="Generations, as far as runs suffice.")
    cases: int = Field(
        default=200, ge=4, le=1000, description="Most select cases that fitness is measured on."
    )
    temperature: float = Field(default=0.5, ge=0, le=2, description="Of the proposer.")


class Differential(Options):
    """Options of ``evoprompt/de``."""

    algorithm: Literal["ga", "de"] = "de"


class Member(NamedTuple):
    """A preset: other defaults of the same options."""

    summary: str
    options: type[Options]


FAMILY = {"de": Member("differential evolution, by questions (EvoPrompt, §3.3)", Differential)}


def least(options: Options, sizes: Sizes) -> int:
    """The fewest runs with which a search makes sense: a small population and one generation."""
    each = 1 + min(options.cases, sizes.select)
    return opening_runs(sizes) + 2 * LEAST_POPULATION * each + _confirming(options, sizes)


def shares(options: Options, sizes: Sizes, calls: int) -> dict[str, int]:
    """The most runs of each stage, for a search that has ``calls`` of them in all."""
    probe = min(calls, opening_runs(sizes))
    confirming = min(calls - probe, _confirming(options, sizes))
    return {"probe": probe, "evolve": calls - probe - confirming, "confirm": confirming}


def _confirming(options: Options, sizes: Sizes) -> int:
    return FINALISTS * max(0, sizes.select - options.cases)


def optimize(study: Study) -> None:
    """Search for a better variant of the study's cell."""
    options: Options = study.setting.options
    start = None
    with study.stage("probe", "how good is what we have"):
        start = opened(study)
    if start is None:
        return
    population = [start.entry]
    cases = study.select[: options.cases]
    with study.stage("evolve", f"a population, by {options.algorithm}") as runs:
        # Generation by generation: what came before the end of the budget stays.
        for found in _generations(study, options, start, runs):
            population = found
    with study.stage("confirm", "the best on all of select"):
        best_in_full(study, study.ranked(population, cases)[:FINALISTS], 1)


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
        room = min(size, int(study.runs_left() // each))
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


class Litter:
    """The children of one generation. The population is ranked, the best first."""

    def __init__(
        self,
        study: Study,
        options: Options,
        nodes: tuple[str, ...],
        population: Sequence[Entry],
        cases: Sequence[Case],
    ) -> None:
        self.population = population
        self._study = study
        self._options = options
        self._nodes = nodes
        shared = study.table.shared([entry.digest for entry in population], cases)
        self._fitness = [study.table.mean(entry.digest, shared) or 0.0 for entry in population]

    def born(self, step: int, count: int) -> dict[int, Entry]:
        """New children by number: of GA any, of DE that of the member they may replace."""
        found = {}
        make = self._crossed if self._options.algorithm == "ga" else self._differing
        for number in range(count):
            rng = self._study.rng(f"evoprompt/{step}/{number}")
            known = set(self._study.entries)
            child = make(number % len(self.population), rng)
            entries = self._study.admit_all([child] if child else [])
            if entries and entries[0].digest not in known:
                found[number] = entries[0]
        return found

    def _crossed(self, _number: int, rng: random.Random) -> Candidate | None:
        """Parents by roulette, crossed and mutated (algorithm 2)."""
        drawn = roulette(self._fitness, 2, rng)
        mother, father = self.population[drawn[0]], self.population[drawn[-1]]
        node = crossing_node(self._study, self._nodes, [mother, father], rng)
        context = context_of(self._study, mother, node, rng)
        first, second = texts(self._study, [mother, father], node)
        return self._asked("breed", context, father, first=first, second=second)

    def _differing(self, number: int, rng: random.Random) -> Candidate | None:
        """The best with what sets two others apart mutated, crossed with a member (algorithm 3)."""
        member, best = self.population[number], self.population[0]
        others = [entry for entry in self.population if entry is not member] or [member]
        one, two = rng.sample(others, 2) if len(others) > 1 else others * 2
        node = crossing_node(self._study, self._nodes, [one, two], rng)
        context = context_of(self._study, member, node, rng)
        first, second, top, basic = texts(self._study, [one, two, best, member], node)
        told = {"first": first, "second": second, "best": top, "basic": basic}
        return self._asked("differ", context, best, **told)

    def _asked(
        self, question: str, context: Context, father: Entry, **told: str
    ) -> Candidate | None:
        answer = self._study.ask(
            question,
            max_tokens=800,
            temperature=self._options.temperature,
            description=self._study.setting.description,
            rule=contract_rule(context.view.node.contract),
            **told,
        )
        text = read_proposal(context, answer)
        operator = f"evoprompt, {self._options.algorithm}"
        return None if text is None else bred(operator, context, father, text)
