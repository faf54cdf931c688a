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
    """What operators and nodes have gained for their tokens so far.

    ``proposer_is_weak`` is whether what it writes has to prove itself first.
    """

    makers: Bag
    nodes: Bag
    proposer_is_weak: bool

    @classmethod
    def of(cls, bench: Bench) -> Odds:
        setting = bench.study.setting
        nodes = Bag(tuple(setting.program.nodes))
        return cls(Bag(tuple(MAKERS)), nodes, setting.proposer_is_weak)

    def learned(self, operator: str, node: str, gain: float, tokens: int) -> Odds:
        return self._replace(
            makers=self.makers.learned(operator, gain, tokens),
            nodes=self.nodes.learned(node, gain, tokens),
        )

    def tickets(self, names: Sequence[str]) -> list[str]:
        """The names to draw from, each as often as the field's results speak for it.

        Of a weak proposer they do not speak; what it is asked for is there once until it gains.
        """
        return [name for name in self.awake(names) for _ in range(self._tickets(name))]

    def _tickets(self, name: str) -> int:
        maker, record = MAKERS[name], self.makers.records.get(name)
        is_on_trial = self.proposer_is_weak and maker.asks and not (record and record.gain)
        return 1 if is_on_trial else maker.tickets

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
