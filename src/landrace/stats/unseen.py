"""What no case showed: how much of it there may be, and how much more where cases weigh more.

Of a kind of case that none of n shows there may be as many as stay unseen with half the chance
of error: 1 - error ** (1 / n), the exact limit behind the rule of three (Hanley and
Lippman-Hand 1983, JAMA 249:1743). Where cases weigh differently, it matters which of them are
of that kind. Nothing says that they are not the heavy ones: those that matter got their weights.
So `hidden` takes the worst of all ways in which the chances can be spread over the cases and
still leave as much of a chance that none shows. It holds for weights that are fixed before the
answers are known, whatever they have to do with the scores.

Kish's effective number (1965, Survey Sampling; 1992, J. Off. Stat. 8:183) says by how much
weights that have nothing to do with the scores make a mean vary. Of a few heavy cases that may
break together it is no bound: one case with an eighth of all weight leaves up to 64 of them.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def unseen(cases: float, confidence: float) -> float:
    """The most that the share of a kind of case may be of which ``cases`` have shown none.

    It is one end of a two-sided interval: a larger share stays unseen with half the chance
    of error.
    """
    return 1.0 - float((0.5 - confidence / 2) ** (1 / cases))


def hidden(room: NDArray[np.float64], confidence: float, *, cases: float | None = None) -> float:
    """By how much a mean may be off for a kind of case that none of these has shown.

    ``room`` is by how much each case would move if it were of that kind. The chances p of the
    cases to be so are those that make the mean of ``p * room`` the largest while all stay
    unseen with half the chance of error, which is when the logarithms of ``1 - p`` sum to that
    of it. That is solved by filling up to a level, ``1 - p = level / room`` (Boyd and
    Vandenberghe 2004, Convex Optimization, section 5.5.3); equal rooms have `unseen` times
    room. ``cases`` asks for another number of cases of the same rooms.
    """
    rooms = np.sort(room[room > 0])[::-1]
    if rooms.size == 0:
        return 0.0
    error = 0.5 - confidence / 2
    budget = -math.log(error) * room.size / (cases or room.size) if error > 0 else math.inf
    levels = np.exp((np.cumsum(np.log(rooms)) - budget) / np.arange(1, rooms.size + 1))
    filled = int(np.flatnonzero(rooms > levels)[-1]) if budget > 0 else 0
    return float((rooms[: filled + 1] - levels[filled]).sum()) / room.size


class Weights:
    """Weights of cases that are not all equal. Only their ratios matter.

    ``planned`` are those of all cases of which these are a random part, such as an early look
    at half of them, in which the heaviest may be missing. ``relative`` are multiples of their
    mean, and ``shape`` are those of all that are planned.
    """

    def __init__(self, weights: Sequence[float], planned: Sequence[float] | None = None) -> None:
        self.relative = _relative(weights)
        self.shape = self.relative if planned is None else _relative(planned)

    @staticmethod
    def of(
        weights: Sequence[float] | None, cases: int, planned: Sequence[float] | None = None
    ) -> Weights | None:
        """None where all weigh the same, which is as if they had no weights.

        Raises:
            ValueError: there are not as many as cases.
        """
        if weights is None:
            return None
        if len(weights) != cases:
            raise ValueError(f"cannot weigh {cases} scores with {len(weights)} weights")
        differ = len({*weights, *(planned or ())}) > 1
        return Weights(weights, planned) if differ else None

    @cached_property
    def design_effect(self) -> float:
        """How many times the variance of a plain mean that of the weighted one is (Kish)."""
        return float((self.shape**2).mean())

    @property
    def effective(self) -> float:
        """As many cases without weights would tell as much of scores unrelated to weights."""
        return self.relative.size / self.design_effect

    def unseen(
        self, confidence: float, *, beyond: float = 0.0, cases: float | None = None
    ) -> float:
        """What `unseen` is without weights: the share of all weight that may be of a kind of
        case that none has shown; less where only what lies ``beyond`` was not seen.
        """
        room = np.maximum(0.0, self.shape - beyond)
        return hidden(room, confidence, cases=cases or self.relative.size)


def _relative(weights: Sequence[float]) -> NDArray[np.float64]:
    given = np.asarray(weights, dtype=float)
    return given / float(given.mean())
