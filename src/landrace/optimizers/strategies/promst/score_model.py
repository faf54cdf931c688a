"""A guess at an instruction's score from its words, fitted to a study's own scores. Pure.

Ridge regression, in its dual form, on hashed words and pairs of words. It is small on purpose: a
study has tens of prompts, not thousands. How far it can be heeded is measured by what it says of
each prompt when that is left out, which the dual form gives without another fit (Rasmussen and
Williams 2006, eq. 5.12).
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEAST = 10  # prompts, without which nothing is fitted
TRUSTED = 0.3  # rank correlation from which predictions are heeded
DIMENSIONS = 1024
NOISES = (0.1, 0.3, 1.0, 3.0)  # how much scores scatter, beside how much words matter
COMMON = 1.0  # the variance of what all prompts have in common


class Scored(NamedTuple):
    """A prompt's text and its mean score, 0..1, on so many cases."""

    text: str
    score: float
    cases: int


class ScoreModel(NamedTuple):
    """``rank_correlation`` (Spearman's, -1..1) and ``error`` (root of the mean square, of a score)
    are of predictions for prompts that were left out.
    """

    rank_correlation: float
    error: float
    vectors: NDArray[np.float64]
    weights: NDArray[np.float64]
    middle: float

    @property
    def is_trusted(self) -> bool:
        return self.rank_correlation >= TRUSTED

    def predict(self, text: str) -> float:
        """The score that the text is believed to have; not held to 0..1."""
        near = self.vectors @ vector(text) + COMMON
        return round(self.middle + float(near @ self.weights), 9)


def fitted(samples: Sequence[Scored]) -> ScoreModel | None:
    """The model of these prompts; None where there are too few, or all scores are the same."""
    if len(samples) < LEAST:
        return None
    scores = np.array([sample.score for sample in samples])
    if np.ptp(scores) == 0:
        return None
    vectors = np.array([vector(sample.text) for sample in samples])
    counts = np.array([sample.cases for sample in samples], dtype=float)
    middle = float(np.average(scores, weights=counts))
    scatter = np.diag(counts.mean() / counts)  # a mean of few cases says little
    kernel = vectors @ vectors.T + COMMON
    models = [_solved(kernel + noise * scatter, vectors, scores, middle) for noise in NOISES]
    return min(models, key=lambda model: model.error)


def words(text: str) -> list[str]:
    """What a text is told by, without the marks between."""
    return re.findall(r"\w+", text.casefold())


def vector(text: str) -> NDArray[np.float64]:
    """A text as a vector of length 1, or 0 without words; the same in every process."""
    single = words(text)
    counts = Counter([*single, *map(" ".join, pairwise(single))])
    found = np.zeros(DIMENSIONS)
    for term, count in counts.items():
        place = zlib.crc32(term.encode("utf-8", "replace"))
        sign = 1.0 if place & 0x80000000 else -1.0
        found[place % DIMENSIONS] += sign * math.log1p(count)
    length = float(np.linalg.norm(found))
    return found / length if length else found


def _solved(
    matrix: NDArray[np.float64],
    vectors: NDArray[np.float64],
    scores: NDArray[np.float64],
    middle: float,
) -> ScoreModel:
    inverse = np.linalg.inv(matrix)
    weights = inverse @ (scores - middle)
    misses = weights / np.diag(inverse)
    return ScoreModel(
        rank_correlation=rank_correlation(scores - misses, scores),
        error=float(np.sqrt(np.mean(misses**2))),
        vectors=vectors,
        weights=weights,
        middle=middle,
    )


def rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Spearman's, -1..1; 0 where one side does not vary."""
    ours, theirs = _ranks(one), _ranks(other)
    if np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        return 0.0
    return float(np.corrcoef(ours, theirs)[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, the mean rank for those that tie."""
    rounded = np.round(values, 9)
    below = (rounded[:, None] > rounded).sum(axis=1)
    level = (rounded[:, None] == rounded).sum(axis=1)
    ranks: NDArray[np.float64] = below + (level + 1) / 2
    return ranks
