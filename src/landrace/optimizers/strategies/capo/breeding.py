"""The population, generation by generation (algorithms 1 and 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.allocation.racing import missing, raced
from landrace.optimizers.objective import Objective, figures
from landrace.optimizers.proposing.breeding import newcomers
from landrace.optimizers.proposing.founding import FOUNDER, founders, population_size
from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.telling import answer_rule
from landrace.optimizers.proposing.wording import read_proposal
from landrace.optimizers.search.mating import crossing_node, mated, texts
from landrace.optimizers.slots.demo_limit import limited
from landrace.optimizers.slots.few_shots import drawn, moved, retold, united

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.proposing.opening import Start
    from landrace.optimizers.slots.few_shots import Shot
    from landrace.optimizers.strategies.capo.options import Options
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate

LEAST_POPULATION = 4
PATIENCE = 3  # generations without a new child
QUESTIONS = 2  # a child: one to cross, one to mutate
CROWN_SHARE = 20  # percent of what the probe leaves, for the crown at most


class Breeding:
    """Generation after generation for what runs there are."""

    def __init__(
        self, study: Study, options: Options, start: Start, shots: Mapping[str, Sequence[Shot]]
    ) -> None:
        self._study = study
        self._options = options
        self._start = start
        self._shots = shots

    def generations(self, runs: int) -> Iterator[list[Entry]]:
        """The population after each race (algorithm 1).

        What it takes to score all survivors on the rest of select is left to the crown, up to its
        share: most have met all of it in their races, and then that share buys more generations.

        Raises:
            BudgetExhaustedError: a ceiling other than that of calls was met.
        """
        study, options = self._study, self._options
        block = study.select[: options.block]
        size = population_size(options.population, LEAST_POPULATION, runs // 2, 1 + len(block))
        population = self._first(size)
        study.evaluate(population, block)
        study.objective = _penalised(study, population, options)
        yield population
        number = idle = 0
        needed = options.crossovers * (QUESTIONS + len(block))
        while idle < PATIENCE:
            spare = self._crowning_runs(population, runs)
            if study.runs_left() < needed + missing(study, population, block) + spare:
                return
            children = self._children(population, number)
            population = raced(study, [*population, *children], size, options.pace, spare=spare)
            idle = 0 if children else idle + 1
            number += 1
            yield population

    def _crowning_runs(self, population: Sequence[Entry], runs: int) -> int:
        """What the crown can use beside the runs of its own stage."""
        study = self._study
        own = study.runs_of("crown")
        most = max(len(study.select), (runs + own) * CROWN_SHARE // 100)
        return max(0, min(most, missing(study, population, study.select)) - own)

    def _first(self, size: int) -> list[Entry]:
        """The start and other models' winners as they are, and founders with random examples."""
        found = founders(self._study, self._start, size, most=self._options.max_shots)
        shown = [found[0].candidate]
        for number in range(1, size):
            entry = found[number] if number < len(found) else found[0]
            is_given = number < len(found) and entry.candidate.operator != FOUNDER
            rng = self._study.rng(f"capo/founders/{number}")
            shown.append(entry.candidate if is_given else self._with_shots(entry, rng))
        return self._study.admit_all(shown)

    def _with_shots(self, entry: Entry, rng: random.Random) -> Candidate:
        most = self._options.max_shots
        candidate = limited(entry.candidate, most)
        if candidate is not entry.candidate:  # no longer the start itself
            candidate = candidate.model_copy(
                update={"operator": FOUNDER, "parents": (entry.digest,)}
            )
        for node in self._start.nodes:
            view = context_of(self._study, entry, node, rng).view
            demos = drawn(view, self._shots.get(node, ()), rng.randint(0, most), rng)
            if demos and not view.slots.demos:
                candidate = candidate.changed(
                    FOUNDER, node=node, parent=entry.digest, demos=demos, layout=view.layout
                )
        return candidate

    def _children(self, population: Sequence[Entry], generation: int) -> list[Entry]:
        """Children of random parents that nobody has met yet."""
        found = []
        for number in range(self._options.crossovers):
            rng = self._study.rng(f"capo/{generation}/{number}")
            alone = len(population) == 1
            mother, father = [*population] * 2 if alone else rng.sample([*population], 2)
            child = self._child(mother, father, rng)
            if child is not None:
                found.append(child)
        return newcomers(self._study, found)

    def _child(self, mother: Entry, father: Entry, rng: random.Random) -> Candidate | None:
        """A child whose instruction is crossed and mutated in one node (algorithm 2)."""
        study = self._study
        node = crossing_node(study, self._start.nodes, [mother, father], rng)
        context = context_of(study, mother, node, rng)
        text = self._crossed(context, father)
        if text is None:
            return None
        shots, most = self._shots.get(node, ()), self._options.max_shots
        theirs = context_of(study, father, node, rng).view
        fathers = retold(theirs.slots.demos, theirs, context.view, shots)
        both = united(context.view.slots.demos, fathers, rng)
        demos = moved(both, context.view, shots, most, rng)
        child = mated("capo", context, father, self._mutated(context, text), demos=demos)
        return limited(child, most)  # its other nodes are a parent's

    def _crossed(self, context: Context, father: Entry) -> str | None:
        first, second = texts(self._study, [context.entry, father], context.node)
        answer = self._study.ask(
            "cross",
            description=self._study.setting.description,
            first=first,
            second=second,
            rule=answer_rule(context.view),
        )
        return read_proposal(context, answer)

    def _mutated(self, context: Context, text: str) -> str:
        """A variant of the text; the text itself where the proposer has none."""
        answer = self._study.ask(
            "vary",
            description=self._study.setting.description,
            instruction=text,
            rule=answer_rule(context.view),
        )
        return read_proposal(context, answer) or text


def _penalised(study: Study, first: Sequence[Entry], options: Options) -> Objective | None:
    """Accuracy less the penalty on input tokens; the longest of the ``first`` pays all of it."""
    rival, table = study.rival, study.table
    block = study.select[: options.block]
    lengths = [
        figures(table, entry.digest, cases).input_tokens
        for entry in first
        if (cases := table.shared([entry.digest], block))
    ]
    met = table.shared([rival.digest], block)
    longest = max(lengths, default=0.0)
    if not longest or not met:
        return None
    share = figures(table, rival.digest, met).input_tokens / longest
    return Objective(tokens=options.length_penalty * share, output_weight=0.0)
