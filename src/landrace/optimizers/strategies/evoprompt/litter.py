"""The children of one generation: GA (algorithm 2) and DE (algorithm 3), one question each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.optimizers.proposing.breeding import newcomers
from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.telling import answer_rule
from landrace.optimizers.proposing.wording import read_proposal
from landrace.optimizers.search.mating import crossing_node, fitness_of, mated, roulette, texts

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.evoprompt.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

ANSWER_TOKENS = 800  # the steps and then the prompt


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
        self._fitness = fitness_of(study, population, cases)

    def born(self, step: int, count: int) -> dict[int, Entry]:
        """New children by number: of GA any, of DE that of the member they may replace.

        Of DE there can be no more than members.
        """
        found = {}
        make = self._crossed if self._options.algorithm == "ga" else self._differing
        for number in range(count):
            rng = self._study.rng(f"evoprompt/{step}/{number}")
            child = make(number, rng)
            fresh = newcomers(self._study, [child] if child else [])
            if fresh:
                found[number] = fresh[0]
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
        self, question: str, context: Context, father: Entry, **told: Any
    ) -> Candidate | None:
        answer = self._study.ask(
            question,
            max_tokens=ANSWER_TOKENS,
            temperature=self._options.temperature,
            description=self._study.setting.description,
            rule=answer_rule(context.view),
            **told,
        )
        text = read_proposal(context, answer)
        operator = f"evoprompt, {self._options.algorithm}"
        return None if text is None else mated(operator, context, father, text)
