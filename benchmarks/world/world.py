"""A world: a landscape drawn with a seed, as a gateway, and the prompt that is optimized in it."""

from __future__ import annotations

import random
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.world.items import SIZE, Items
from benchmarks.world.proposer import Proposer
from benchmarks.world.pupil import Pupil
from benchmarks.world.vocabulary import HINT, HINT_OPENINGS, LABELS, OPENINGS, TEAM, Vocabulary

from landrace.gateway.base import Completion
from landrace.optimizers.variants import Program
from landrace.parsers import default_parser
from landrace.program import Graph
from landrace.program.nodes import Generate, Node
from landrace.schemas.output import OutputContract
from landrace.schemas.score import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.world.items import Ints
    from benchmarks.world.landscapes import Landscape

    from landrace.gateway.base import Request
    from landrace.schemas.case import Case

TASK_MODEL, PROPOSER = "world/pupil", "world/proposer"
DESCRIPTION = "Requests are routed to one of four teams."
INPUTS = {
    "type": "object",
    "properties": {"request": {"type": "string"}},
    "required": ["request"],
    "additionalProperties": False,
}
LABEL = OutputContract(type="label", labels=LABELS, max_tokens=16)


class World:
    """The task model and the proposer of one landscape and seed, and cases to be drawn.

    Nothing in it changes but for what it remembers to be quick.
    """

    def __init__(self, landscape: Landscape, seed: int) -> None:
        self.landscape = landscape
        self.seed = seed
        rng = random.Random(f"{landscape.name}/{seed}")
        numbers = np.random.default_rng(rng.getrandbits(64))
        self.items = Items.drawn(numbers)
        self.vocabulary = Vocabulary(landscape, rng)
        self.pupil = Pupil(landscape, self.vocabulary, self.items, rng)
        self.proposer = Proposer(landscape.proposer, self.vocabulary)
        self._order: Ints = numbers.permutation(SIZE)
        self._hints = self._first_hints(rng)

    def complete(self, request: Request) -> Completion:
        """The answer of the model that is asked: one gateway serves both."""
        turns = tuple((message.role, message.content) for message in request.messages)
        if request.model == TASK_MODEL:
            said = self.pupil.answer(turns, request.digest)
        else:
            meta = "\n".join(content for _, content in turns)
            said = self.proposer.answer(meta, request.digest)
        read = sum(len(content.split()) + 1 for _, content in turns)
        return Completion(said, usage=Usage(read, len(said.split()) + 1, 0.0))

    def cases(self, start: int, count: int) -> tuple[Case, ...]:
        """Cases of the population in the seed's own random order."""
        return tuple(self.items.case(int(number)) for number in self._order[start : start + count])

    def unseen(self, start: int) -> Ints:
        """The numbers of all items that come after the first so many of that order."""
        return self._order[start:]

    @cached_property
    def program(self) -> Program:
        """The base prompt, which a person would have written first."""
        team = _template(OPENINGS[0], self._hints, ("request",))
        if self.landscape.nodes == 1:
            return Program.of("routing", team, LABEL, path="prompt.jinja", inputs=INPUTS)
        sources = {
            HINT: (_template(HINT_OPENINGS[0], "", ("request",)), f"{HINT}.jinja"),
            TEAM: (_template(OPENINGS[0], self._hints, ("request", HINT)), f"{TEAM}.jinja"),
        }
        label = LABEL.model_dump(by_alias=True, exclude_none=True)
        contracts = {HINT: {"type": "text", "max_tokens": 16}, TEAM: label}
        nodes: dict[str, Node] = {
            name: Generate(f"{name}.jinja", contract, {}, default_parser(contract))
            for name, contract in contracts.items()
        }
        graph = Graph(nodes, TEAM)
        return Program.of_graph(
            "routing", graph, sources, inputs=INPUTS, corpora={}, where="prompt.yaml"
        )

    def _first_hints(self, rng: random.Random) -> str:
        """What the base says already: a useful rule, an idle and a harmful one.

        Where no rule is useful there is no harmful one either: nothing is to be gained.
        """
        rules = self.vocabulary.of(TEAM)
        chosen = [rng.choice([rule for rule in rules if rule.value == 0])]
        useful = max(rules, key=lambda rule: rule.value)
        if useful.value > 0:
            chosen += [useful, rng.choice([rule for rule in rules if rule.value < 0])]
        return " ".join(rule.sentence(0) for rule in chosen)


def _template(task: str, hints: str, names: Sequence[str]) -> str:
    sections = [f"{{% section task %}}\n{task}\n{{% endsection %}}"]
    if hints:
        sections.append(f"{{% section hints %}}\n{hints}\n{{% endsection %}}")
    fields = "\n".join(f"{name.capitalize()}: {{{{ {name} }}}}" for name in names)
    return "\n\n".join([*sections, fields]) + "\n"
