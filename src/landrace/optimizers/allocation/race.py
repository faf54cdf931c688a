"""Who is beaten in a race: pure, on a table of scores.

A race after F-Race, as CAPO runs it (Zehle et al. 2025, arXiv 2504.16005, §4): one-sided paired
t tests between all arms on the cases that all of them have met, without correction for their
number. That is right for screening: corrected, a race drops next to nobody before the budget
ends. A claim needs more, and is made on the holdout.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from landrace.stats.interval import TIE, student_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def survivors(scores: Sequence[Sequence[float]], keep: int, alpha: float) -> list[int]:
    """The numbers of the arms that fewer than ``keep`` others beat, in their order.

    Each row has an arm's scores on the same cases. ``alpha`` is between 0 and .5. The ``keep``
    best means always stay, for an arm is beaten by better ones alone.
    """
    beaten_by = _beats(np.asarray(scores, dtype=float), alpha).sum(axis=0)
    return [number for number, others in enumerate(beaten_by) if others < keep]


def _beats(scores: NDArray[np.float64], alpha: float) -> NDArray[np.bool_]:
    """Whether the arm of the row beats that of the column."""
    arms, cases = scores.shape
    if cases <= 1:
        return np.zeros((arms, arms), dtype=bool)
    differences = scores[:, None, :] - scores[None, :, :]
    means = differences.mean(axis=2)
    errors = differences.std(axis=2, ddof=1) / math.sqrt(cases)
    by_t: NDArray[np.bool_] = means > student_quantile(1 - 2 * alpha, cases - 1) * errors
    # A difference that is the same on all cases has no t: then the sign test, which is exact.
    by_sign = (means > TIE) & (0.5**cases <= alpha)
    return np.where(errors > TIE, by_t, by_sign)
