"""How sure a mean over tasks is, where each task has the same cases for every seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DRAWS = 4000


class Interval(NamedTuple):
    mean: float
    low: float
    high: float


def over_tasks(tasks: Sequence[NDArray[np.float64]], *, confidence: float = 0.95) -> Interval:
    """The mean over tasks, every task weighing the same, with its bootstrap interval.

    Each of ``tasks`` has a row a seed and a column a case. Seeds and cases are drawn anew
    independently of each other (the pigeonhole bootstrap of Owen, Annals of Applied Statistics
    1(2), 2007), which errs on the wide side; tasks are those that were chosen and are not drawn.
    With one seed, or three, the interval knows little of what other seeds would have found. The
    draws are the same at each call.
    """
    random = np.random.default_rng(0)
    drawn = np.mean([_means(scores, random) for scores in tasks], axis=0)
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(float(np.mean([scores.mean() for scores in tasks])), float(low), float(high))


def _means(scores: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """The mean of each draw of one task."""
    by_seed, by_case = (
        random.multinomial(size, np.full(size, 1 / size), DRAWS) / size for size in scores.shape
    )
    return np.asarray(((by_seed @ scores) * by_case).sum(axis=1))
