"""How far the strategy's candidates go, for what plans it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.strategies.sammo.shots import DEFAULT_COUNT
from landrace.optimizers.strategy import Reach

if TYPE_CHECKING:
    from landrace.optimizers.strategies.sammo.options import Options


def reach(options: Options) -> Reach:
    """Values come from the space or the tuning; examples from the space, which a grid walks."""
    ours, theirs = options.space.values, options.tuning.values
    values = {
        address: (*ours.get(address, ()), *theirs.get(address, ()))
        for address in {**ours, **theirs}
    }
    return Reach(_examples(options), values)


def _examples(options: Options) -> int:
    if options.search not in {"grid", "random"}:
        return 0
    if options.space.examples:
        return max(options.space.examples)
    return DEFAULT_COUNT if options.space.orientations else 0
