"""A bag of operators, drawn the more often the more they gained for the tokens they took.

SAMMO draws evenly; it counts how often each operator helped and never looks at the counts. Here
an operator's rate is the gain per token, shrunk towards the rate of the whole bag by as many
tokens as `PRIOR_USES` uses take on average, so that neither one lucky nor one unlucky use decides;
the chances are a softmax of the rates in units of the best rate. While nothing has gained, all are
equal, and none ever falls below ``exp(-SHARPNESS)`` of the best.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

PRIOR_USES = 2.0
SHARPNESS = 2.0


class Record(NamedTuple):
    """What an operator did so far: uses, the sum of its gains (losses count as 0), tokens."""

    uses: int = 0
    gain: float = 0.0
    tokens: int = 0


class Bag(NamedTuple):
    """Operators by name with their records; an operator without one has not been used."""

    names: tuple[str, ...]
    records: Mapping[str, Record] = {}

    def learned(self, name: str, gain: float, tokens: int) -> Bag:
        """The bag after one more use that changed the value by ``gain`` for ``tokens``."""
        old = self.records.get(name, Record())
        new = Record(old.uses + 1, old.gain + max(0.0, gain), old.tokens + max(0, tokens))
        return self._replace(records={**self.records, name: new})

    def chances(self, names: Sequence[str]) -> list[float]:
        """The probabilities of these operators, in their order."""
        rates = [self._rate(name) for name in names]
        best = max(rates, default=0.0)
        if best <= 0:
            return [1 / len(names)] * len(names)
        weights = [math.exp(SHARPNESS * (rate - best) / best) for rate in rates]
        return [weight / sum(weights) for weight in weights]

    def draw(self, names: Sequence[str], rng: random.Random) -> str:
        """One of the operators that apply, of which there must be one."""
        return rng.choices(names, self.chances(names))[0]

    def _rate(self, name: str) -> float:
        """Gain per token, shrunk towards that of the whole bag."""
        uses = sum(record.uses for record in self.records.values())
        tokens = sum(record.tokens for record in self.records.values())
        if not tokens:
            return 0.0
        common = sum(record.gain for record in self.records.values()) / tokens
        prior = PRIOR_USES * tokens / uses
        own = self.records.get(name, Record())
        return (own.gain + prior * common) / (own.tokens + prior)
