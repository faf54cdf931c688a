"""Shapes that scores have: what intervals are tried on.

Each is a population of 200,000 values, so that the true mean is known. Scores are twentieths
where metrics give many values, and fifths or thirds where a rubric or three repeats give few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Pair = tuple[Values, Values]

SIZE = 200_000


def _twentieths(values: Values) -> Values:
    return np.round(np.clip(values, 0, 1) * 20) / 20


def _answers(rng: np.random.Generator, difficulty: Values) -> Values:
    return _twentieths(rng.beta(4 * difficulty + 1e-6, 4 * (1 - difficulty) + 1e-6))


def _reworded(rng: np.random.Generator) -> Pair:
    """Both sides of a rewording: the same difficulty, and 7 of 10 answers word for word."""
    difficulty = rng.beta(3, 1, SIZE)
    base = _answers(rng, difficulty)
    return base, np.where(rng.random(SIZE) < 0.7, base, _answers(rng, difficulty))


# One side's scores.


def even(rng: np.random.Generator) -> Values:
    """Any score is as likely."""
    return _twentieths(rng.random(SIZE))


def mostly_right(rng: np.random.Generator) -> Values:
    """Seven of ten are 1, the others anywhere."""
    return np.where(rng.random(SIZE) < 0.7, 1.0, even(rng))


def nearly_all_right(rng: np.random.Generator) -> Values:
    """Nine of ten are 1, the others anywhere."""
    return np.where(rng.random(SIZE) < 0.9, 1.0, even(rng))


def mostly_wrong(rng: np.random.Generator) -> Values:
    """Seven of ten are 0, the others anywhere."""
    return 1 - mostly_right(rng)


def all_or_nothing(rng: np.random.Generator) -> Values:
    """Most near 1 or 0, as F1 is."""
    return _answers(rng, rng.beta(3, 1, SIZE))


def narrow(rng: np.random.Generator) -> Values:
    """About .8 give or take .05, as similarity is."""
    return _twentieths(rng.normal(0.8, 0.05, SIZE))


def rubric(rng: np.random.Generator) -> Values:
    """A judge's marks out of five, most of them good."""
    return rng.binomial(4, rng.beta(4, 1, SIZE)) / 4


# Both sides' scores.


def unrelated(rng: np.random.Generator) -> Pair:
    """Two prompts that have nothing in common."""
    return all_or_nothing(rng), all_or_nothing(rng)


def reworded(rng: np.random.Generator) -> Pair:
    """Seven of ten tie, the others go either way."""
    return _reworded(rng)


def reworded_worse(rng: np.random.Generator) -> Pair:
    """The same, and one case in ten breaks."""
    base, head = _reworded(rng)
    return base, np.where(rng.random(SIZE) < 0.1, 0.0, head)


def breaks_some(rng: np.random.Generator) -> Pair:
    """One case in ten breaks, nothing else changes."""
    base = all_or_nothing(rng)
    return base, np.where(rng.random(SIZE) < 0.1, 0.0, base)


def breaks_few(rng: np.random.Generator) -> Pair:
    """One case in thirty breaks, the others shift by a little."""
    base = np.clip(narrow(rng), 0.2, 0.9)
    head = _twentieths(base + rng.normal(0, 0.05, SIZE))
    return base, np.where(rng.random(SIZE) < 1 / 30, 0.0, head)


def jitter(rng: np.random.Generator) -> Pair:
    """Every case shifts by a little, none by much."""
    base = _twentieths(rng.uniform(0.4, 0.8, SIZE))
    return base, _twentieths(base + rng.normal(0, 0.1, SIZE))


def repeats(rng: np.random.Generator) -> Pair:
    """Right or wrong, three times a case."""
    difficulty = rng.beta(3, 1, SIZE)
    return rng.binomial(3, difficulty) / 3, rng.binomial(3, difficulty) / 3


MEANS: tuple[Callable[[np.random.Generator], Values], ...] = (
    even,
    mostly_right,
    nearly_all_right,
    mostly_wrong,
    all_or_nothing,
    narrow,
    rubric,
)
PAIRS: tuple[Callable[[np.random.Generator], Pair], ...] = (
    unrelated,
    reworded,
    reworded_worse,
    breaks_some,
    breaks_few,
    jitter,
    repeats,
)
