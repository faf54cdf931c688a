"""The strategies. A new one is a module, a row here and a test."""

from __future__ import annotations

from landrace.optimizers import auto
from landrace.optimizers.strategy import Strategy

STRATEGIES: dict[str, Strategy] = {
    "auto": Strategy(
        version=auto.VERSION,
        summary="demos, instructions and formats, bred by halving and refined from mistakes",
        options=auto.Options,
        optimize=auto.optimize,
        shares=auto.shares,
        least=auto.least,
    ),
}
