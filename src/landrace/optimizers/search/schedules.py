"""Values that change from step to step: pure functions of a step's number.

The forms are those of learning rates, as GPO (Tang et al. 2024, arXiv 2402.17564, §3.2) uses them
for how many words a step may change.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, TypeAlias

Form: TypeAlias = Literal["fixed", "linear", "cosine"]


class Schedule(NamedTuple):
    """From ``first`` at step 0 to ``last`` at step ``steps``, the first ``warm_up`` rising from 0.

    A fixed schedule stays at ``first`` after its warm-up.
    """

    form: Form
    first: float
    last: float
    steps: int
    warm_up: int = 0

    def at(self, step: int) -> float:
        """The value at a step, 0 the first; past the end it stays what it came to."""
        if step < self.warm_up:
            return self.first * step / self.warm_up
        if self.form == "fixed":
            return self.first
        done = min(1.0, (step - self.warm_up) / max(1, self.steps - self.warm_up))
        if self.form == "linear":
            return self.first - (self.first - self.last) * done
        return self.last + (self.first - self.last) * (1 + math.cos(math.pi * done)) / 2


def whole(schedule: Schedule, step: int) -> int:
    """The value as a count, at least 1: a warm-up begins at 0, which would allow nothing."""
    return max(1, int(schedule.at(step)))
