"""Which operator and which node is next: by what they gained for their tokens so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.search.bag import Bag
from landrace.optimizers.strategies.auto.makers import MAKERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.strategies.auto.bench import Bench

IDLE = 8  # uses without gain after which an operator rests for a while, once another has gained


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
        return [name for name in names if not self._rests(name)] or list(names)

    def _rests(self, name: str) -> bool:
        """Whether it never gained, has had its share of uses, and another gained.

        The share is the root of all uses, at least `IDLE`. It grows for ever, if ever more slowly:
        what cannot gain now may do so with a later parent.
        """
        records = self.makers.records.values()
        own = self.makers.records.get(name)
        if own is None or own.gain or not any(record.gain for record in records):
            return False
        return own.uses >= max(IDLE, math.sqrt(sum(record.uses for record in records)))
