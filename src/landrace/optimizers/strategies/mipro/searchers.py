"""Who says what is tried next: a surrogate, chance, or a proposer with a history.

MIPRO's three ways of credit assignment (Opsahl-Ong et al. 2024, §3.2): surrogate, history,
greedy.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from landrace.optimizers.proposing.grounded import (
    HISTORY,
    SHOWN_DEMOS,
    Facts,
    Tried,
    View,
    proposed,
    proposed_together,
)
from landrace.optimizers.proposing.opening import sizes_of
from landrace.optimizers.proposing.telling import present_instruction
from landrace.optimizers.search.credit import points, standings
from landrace.optimizers.search.surrogate import Surrogate
from landrace.optimizers.strategies.mipro.options import BREADTH
from landrace.optimizers.strategies.mipro.plan import paid_trials

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Sequence

    from landrace.optimizers.search.credit import Choice, Observation
    from landrace.optimizers.strategies.mipro.options import Options
    from landrace.optimizers.strategies.mipro.pools import Pools
    from landrace.optimizers.strategies.mipro.views import Views
    from landrace.optimizers.study import Study

TEMPERATURES = (0.4, 0.7, 1.0)  # of MIPRO++'s proposer
RANDOM_START = 10  # trials before the original's estimator decides


class Tpe:
    """A surrogate over instruction and demo set of each node (§4.3)."""

    def __init__(self, study: Study, options: Options, pools: Pools) -> None:
        self._options = options
        self._told: list[Observation] = []
        self._surrogate = _surrogate(pools.sizes, study, options)

    def ask(self, avoid: Collection[Choice]) -> Choice | None:
        return self._surrogate.ask(points(self._told, self._options.credit), avoid)

    def tell(self, observation: Observation) -> None:
        self._told.append(observation)


class RandomSearch:
    """Combinations at random, none twice while there are others (§4.1)."""

    def __init__(self, pools: Pools, rng: random.Random) -> None:
        self._pools = pools
        self._rng = rng
        self._asked: set[Choice] = {pools.base}

    def ask(self, avoid: Collection[Choice]) -> Choice | None:
        tried = self._asked.union(avoid)
        if len(tried) >= math.prod(self._pools.sizes):
            return None
        while True:
            choice = tuple(self._rng.randrange(size) for size in self._pools.sizes)
            if choice not in tried:
                self._asked.add(choice)
                return choice

    def tell(self, observation: Observation) -> None:
        """Chance learns nothing."""


class ModuleOpro:
    """A history for each node: its instructions with the whole program's score (§4.2)."""

    def __init__(self, study: Study, options: Options, pools: Pools, views: Views) -> None:
        self._study = study
        self._options = options
        self._pools = pools
        self._views = views
        self._told: list[Observation] = []

    def ask(self, avoid: Collection[Choice]) -> Choice | None:
        texts = [self._next(number) for number in range(len(self._pools.nodes))]
        choice = tuple(index for text in texts for index in (text, 0))
        return None if choice in avoid else choice

    def tell(self, observation: Observation) -> None:
        self._told.append(observation)

    def _next(self, number: int) -> int:
        """A new instruction of the node, or its best if the proposer has none."""
        scores = self._scores(number)
        node = self._pools.nodes[number]
        history = [Tried(self._text(number, index), score) for index, score in scores.items()]
        text = proposed(self._study, node, self._views.draw(node, history))
        if text is not None:
            return self._pools.add(number, text)
        return max(scores, key=lambda index: scores[index], default=0)

    def _scores(self, number: int) -> dict[int, float]:
        """The mean standing of the choices that had each instruction of the node."""
        found: dict[int, list[float]] = defaultdict(list)
        for choice, value in standings(self._told, self._options.credit).items():
            found[choice[2 * number]].append(value)
        return {index: sum(values) / len(values) for index, values in found.items()}

    def _text(self, number: int, index: int) -> str:
        own = present_instruction(self._pools.nodes[number])
        return self._pools.text(number, index) or own


class ProgramOpro:
    """One history of the instructions of all nodes, written together (§4.5)."""

    def __init__(self, study: Study, options: Options, pools: Pools, views: Views) -> None:
        self._study = study
        self._options = options
        self._pools = pools
        self._views = views
        self._told: list[Observation] = []

    def ask(self, avoid: Collection[Choice]) -> Choice | None:
        scores = standings(self._told, self._options.credit)
        best = sorted(scores, key=lambda choice: scores[choice])[-HISTORY:]
        tried = [(self._texts(choice), scores[choice]) for choice in best]
        nodes = self._pools.nodes
        demos, tip = self._views.draw_together(nodes)
        texts = proposed_together(
            self._study, nodes, self._views.facts, tried, demos=demos, tip=tip
        )
        if texts is None:
            return None
        indices = [self._pools.add(i, texts[node.name]) for i, node in enumerate(nodes)]
        choice = tuple(index for text in indices for index in (text, 0))
        return None if choice in avoid else choice

    def tell(self, observation: Observation) -> None:
        self._told.append(observation)

    def _texts(self, choice: Choice) -> dict[str, str]:
        return {
            node.name: self._pools.text(number, choice[2 * number]) or present_instruction(node)
            for number, node in enumerate(self._pools.nodes)
        }


class CoordinateOpro(ModuleOpro):
    """One node at a time, the others as in the best so far (§4.5; COPRO in DSPy).

    Where runs are few a node has fewer instructions before the next has its turn.
    """

    def __init__(self, study: Study, options: Options, pools: Pools, views: Views) -> None:
        super().__init__(study, options, pools, views)
        trials = paid_trials(options, sizes_of(study), study.runs_left())
        self._breadth = max(1, min(BREADTH, trials // len(pools.nodes)))
        self._asked = 0

    def ask(self, avoid: Collection[Choice]) -> Choice | None:
        number = self._asked // self._breadth % len(self._pools.nodes)
        self._asked += 1
        scores = standings(self._told, self._options.credit)
        best = max(scores, key=lambda choice: scores[choice], default=self._pools.base)
        choice = (*best[: 2 * number], self._next(number), *best[2 * number + 1 :])
        return None if choice in avoid else choice


class SettingsSearch:
    """MIPRO++: TPE over what the proposer is shown, not over what it wrote (§4.4)."""

    def __init__(self, study: Study, options: Options, pools: Pools, views: Views) -> None:
        self._study = study
        self._options = options
        self._pools = pools
        self._views = views
        self._settings: dict[Choice, Choice] = {}
        self._told: list[Observation] = []
        sizes = (2, 2, len(views.tips), len(TEMPERATURES), len(views.demo_sets))
        self._surrogate = _surrogate(sizes, study, options)

    def ask(self, avoid: Collection[Choice]) -> Choice | None:
        known = points(self._told, self._options.credit)
        settings = self._surrogate.ask(
            [
                p._replace(choice=self._settings[p.choice])
                for p in known
                if p.choice in self._settings
            ]
        )
        texts = [self._written(number, settings) for number in range(len(self._pools.nodes))]
        choice = tuple(index for text in texts for index in (text, 0))
        if choice in avoid:
            return None
        self._settings[choice] = settings
        return choice

    def tell(self, observation: Observation) -> None:
        self._told.append(observation)

    def _written(self, number: int, settings: Choice) -> int:
        node = self._pools.nodes[number]
        data, program, tip, temperature, shown = settings
        facts = self._views.facts
        view = View(
            Facts(
                facts.data if data else "",
                facts.program if program else "",
                facts.code if program else "",
                facts.roles if program else {},
            ),
            # Always the same, or the setting would mean another thing each time.
            demos=self._views.demo_sets[shown].get(node.name, ())[:SHOWN_DEMOS],
            tip=self._views.tips[tip],
        )
        text = proposed(self._study, node, view, temperature=TEMPERATURES[temperature])
        return 0 if text is None else self._pools.add(number, text)


def _surrogate(sizes: Sequence[int], study: Study, options: Options) -> Surrogate:
    start = RANDOM_START if options.credit == "means" else None
    return Surrogate(sizes, study.rng("surrogate"), random_start=start)
