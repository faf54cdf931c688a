"""Random draws that several strategies make, from a stream that is handed in. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

T = TypeVar("T")


def softmax(values: Sequence[float], temperature: float) -> list[float]:
    """The chances of these values, which must not be empty; near 0 the best takes all."""
    best = max(values)
    weights = [math.exp((value - best) / temperature) for value in values]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def poisson(mean: float, rng: random.Random) -> int:
    """A Poisson number, by Knuth's product of uniforms; for means of a few at most."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def evenly_spaced(items: Sequence[T], count: int) -> list[T]:
    """So many of the items, from the first to the last, at equal distances; of one the last."""
    if count >= len(items):
        return list(items)
    if count <= 1:
        return list(items[-1:])[:count]
    step = (len(items) - 1) / (count - 1)
    return [items[round(place * step)] for place in range(count)]
