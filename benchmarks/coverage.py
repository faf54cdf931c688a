"""How often does each interval that is printed hold the truth?

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.coverage [--draws 4000] [--jobs 2]

Binary scores need no simulation: every outcome has its interval and its exact chance, so the
coverage of Wilson's and Tango's intervals is computed. Counts can only hit some levels: a
chance is passed and missed in turn as the truth moves, so what tells is the mean over truths,
with the worst beside it.

Graded scores are drawn from the populations of `benchmarks.shapes`, 4,000 times a figure,
which leaves a standard error of .0034 at .95. Beside it the chance to miss by lying below and
above the truth: a verdict is read off one end.

The same populations with cases that weigh differently, whatever their scores are, have a table
of their own; `benchmarks.gate_truth` has rows in which only the heaviest cases break.

A floor's interval is that of head's mean, moved by the floor, so it covers like a mean.
"""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np
from benchmarks.simulated_answers import EQUAL, WEIGHINGS

from benchmarks import shapes
from landrace.stats import Mean, Pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landrace.stats import Interval

SIZES = (10, 30, 100, 300)
# A plain interval; an early look, or a handful of claims; a look at twenty cells.
LEVELS = (0.95, 0.9875, 0.9975)
MEANS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98)
NOISES = (0.02, 0.05, 0.1, 0.2, 0.4)  # the share of cases that change either way
DROPS = (0.0, 0.02, 0.05, 0.1, 0.2)
WEIGHTS = ("some heavier", "few heavy")
GRADED = ("graded mean", "graded pairs")


class Coverage(NamedTuple):
    """Chances at one truth: the interval lies wholly ``below`` it, or ``above``."""

    interval: str
    truth: str
    cases: int
    level: float
    below: float
    above: float

    @property
    def held(self) -> float:
        return 1 - self.below - self.above


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4000)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    graded = [
        (function.__name__, options.draws, weights)
        for weights in ("equal", *WEIGHTS)
        for function in shapes.MEANS + shapes.PAIRS
    ]
    tasks = [(wilson,), (tango,), *((resampled, *one) for one in graded)]
    tasks = [(*task, size) for task in tasks for size in reversed(SIZES)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=context) as executor:
        found = [one for many in executor.map(_run, tasks) for one in many]
    print(binary_table(found), graded_table(found), levels_table(found), sep="\n\n")
    names = [f"{name}, {weights}" for weights in WEIGHTS for name in GRADED]
    print(f"\n{levels_table(found, names)}")


def _run(task: tuple) -> list[Coverage]:
    function, *arguments = task
    return function(*arguments)


def wilson(cases: int) -> list[Coverage]:
    """Exact, at several true means."""
    rights = range(cases + 1)
    means = [Mean([1.0] * right + [0.0] * (cases - right)) for right in rights]
    found = []
    for level in LEVELS:
        intervals = [mean.interval(level) for mean in means]
        for mean in MEANS:
            chances = _multinomial([(right, cases - right) for right in rights], (mean, 1 - mean))
            missed = _missed(intervals, mean, chances)
            found.append(Coverage("Wilson", f"{mean}", cases, level, *missed))
    return found


def tango(cases: int) -> list[Coverage]:
    """Exact, at several shares of cases that change and several drops."""
    outcomes = [(won, lost) for won in range(cases + 1) for lost in range(cases + 1 - won)]
    counts = [(won, lost, cases - won - lost) for won, lost in outcomes]
    truths = {
        (noise, drop): (noise / 2, noise / 2 + drop, 1 - noise - drop)
        for noise, drop in product(NOISES, DROPS)
    }
    chances = {truth: _multinomial(counts, shares) for truth, shares in truths.items()}
    # Most outcomes never happen under any of the truths; their intervals need not be known.
    likely = np.max(list(chances.values()), axis=0) > 1e-9
    pairs = [_pairs(*count) for count, keep in zip(counts, likely, strict=True) if keep]
    found = []
    for level in LEVELS:
        intervals = [pair.interval(level) for pair in pairs]
        for (noise, drop), chance in chances.items():
            missed = _missed(intervals, -drop, chance[likely])
            found.append(Coverage("Tango", f"{noise} {drop}", cases, level, *missed))
    return found


def resampled(shape: str, draws: int, weights: str, cases: int) -> list[Coverage]:
    """Simulated, of one population of graded scores."""
    weighing = WEIGHINGS[weights]
    seeded = f"{shape} {cases}" if weighing is EQUAL else f"{shape} {weights} {cases}"
    rng = np.random.default_rng(crc32(seeded.encode()))
    population = getattr(shapes, shape)(np.random.default_rng(crc32(shape.encode())))
    is_pair = isinstance(population, tuple)
    base, head = population if is_pair else (np.zeros(shapes.SIZE), population)
    truth = float(head.mean() - base.mean())
    intervals: dict[float, list[Interval]] = {level: [] for level in LEVELS}
    for _ in range(draws):
        drawn = rng.integers(0, shapes.SIZE, cases)
        weigh = None if weighing is EQUAL else rng.choice(weighing.ten, cases).tolist()
        ours, theirs = head[drawn].tolist(), base[drawn].tolist()
        one = Pairs(ours, theirs, weigh) if is_pair else Mean(ours, weigh)
        for level in LEVELS:
            intervals[level].append(one.interval(level))
    name = GRADED[is_pair] if weighing is EQUAL else f"{GRADED[is_pair]}, {weights}"
    chances = np.full(draws, 1 / draws)
    return [
        Coverage(name, shape, cases, level, *_missed(intervals[level], truth, chances))
        for level in LEVELS
    ]


def _pairs(won: int, lost: int, tied: int) -> Pairs:
    return Pairs(
        [1.0] * won + [0.0] * lost + [1.0] * tied,
        [0.0] * won + [1.0] * lost + [1.0] * tied,
    )


def _multinomial(counts: Sequence[tuple[int, ...]], shares: tuple[float, ...]) -> np.ndarray:
    from scipy.stats import multinomial

    return multinomial.pmf(np.array(counts), n=sum(counts[0]), p=shares)


def _missed(
    intervals: Sequence[Interval], truth: float, chances: np.ndarray
) -> tuple[float, float]:
    """The chances that the interval lies wholly below and above the truth."""
    below = np.array([one.high < truth - 1e-9 for one in intervals])
    above = np.array([one.low > truth + 1e-9 for one in intervals])
    return float(chances @ below), float(chances @ above)


def binary_table(found: Iterable[Coverage]) -> str:
    rows = _rows(
        (name, cases, *(_mean_and_least(found, name, cases, level) for level in LEVELS))
        for name in ("Wilson", "Tango")
        for cases in SIZES
    )
    return f"{_head('interval', 'cases', *map(_percent, LEVELS))}\n{rows}"


def levels_table(found: Iterable[Coverage], names: Sequence[str] = GRADED) -> str:
    rows = _rows(
        (name, cases, *(_mean_and_least(found, name, cases, level) for level in LEVELS))
        for name in names
        for cases in SIZES
    )
    return f"{_head('interval', 'cases', *map(_percent, LEVELS))}\n{rows}"


def graded_table(found: Iterable[Coverage]) -> str:
    """Every population at .95."""
    known = {
        (one.truth, one.cases): one
        for one in found
        if one.level == LEVELS[0] and one.interval in GRADED
    }
    names = [function.__name__ for function in shapes.MEANS + shapes.PAIRS]
    rows = _rows(
        (
            name.replace("_", " "),
            *(
                f"{one.held:.1%} ({one.below:.1%}, {one.above:.1%})"
                for one in (known[name, cases] for cases in SIZES)
            ),
        )
        for name in names
    )
    return f"{_head('scores', *SIZES)}\n{rows}"


def _mean_and_least(found: Iterable[Coverage], name: str, cases: int, level: float) -> str:
    held = [
        one.held for one in found if (one.interval, one.cases, one.level) == (name, cases, level)
    ]
    return f"{sum(held) / len(held):.2%} ({min(held):.2%})"


def _head(first: str, *others: object) -> str:
    return f"| {first} | {' | '.join(map(str, others))} |\n| --- |{' ---: |' * len(others)}"


def _rows(rows: Iterable[tuple[object, ...]]) -> str:
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def _percent(level: float) -> str:
    return f"{level:.2%}".replace(".00", "")


if __name__ == "__main__":
    main()
