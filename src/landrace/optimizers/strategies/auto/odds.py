"""Which operator and which node is next: by what they gained for their tokens so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.search.bag import Bag
from landrace.optimizers.strategies.auto.makers import MAKERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.strategies.auto.bench import Bench

IDLE = 8  # uses without gain after which an operator rests, once another has gained


class Odds(NamedTuple):
    """What operators and nodes have gained for their tokens so far."""

    makers: Bag
    nodes: Bag

    @classmethod
    def of(cls, bench: Bench) -> Odds:
        """At first all are alike, but that a weak proposer has something to make up for."""
        makers = Bag(tuple(MAKERS))
        if bench.study.setting.proposer_is_weak:
            for name in (name for name, maker in MAKERS.items() if maker.asks):
                makers = makers.learned(name, 0.0, 1)
        return cls(makers, Bag(tuple(bench.study.setting.program.nodes)))

    def learned(self, operator: str, node: str, gain: float, tokens: int) -> Odds:
        return Odds(
            self.makers.learned(operator, gain, tokens), self.nodes.learned(node, gain, tokens)
        )

    def tickets(self, names: Sequence[str]) -> list[str]:
        """The names to draw from, each as often as the field's results speak for it."""
        return [name for name in self.awake(names) for _ in range(MAKERS[name].tickets)]

    def awake(self, names: Sequence[str]) -> list[str]:
        """Those that have gained or were not tried often, unless that leaves none."""
        records = self.makers.records
        some = any(record.gain for record in records.values())
        rested = [
            name
            for name in names
            if some and name in records and records[name].uses >= IDLE and not records[name].gain
        ]
        return [name for name in names if name not in rested] or list(names)
