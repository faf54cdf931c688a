"""A surrogate over categorical choices: optuna's tree-structured Parzen estimator.

TPE (Bergstra et al. 2011) as in MIPRO (Opsahl-Ong et al. 2024, §3.2): multivariate, so all
variables are sampled together, and what is good only together is found. Its start differs: a design
in which the values of each variable take turns, where the original draws ten times at random. What
it is told is the business of `credit`.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterator, Sequence

    from optuna.samplers import BaseSampler

    from landrace.optimizers.search.credit import Choice, Point

REDRAWS = 8  # before a choice that need not be tried again is given all the same


class Surrogate:
    """Proposes the next choice of one value for each variable.

    Args:
        sizes: how many values each variable has, at least one.
        rng: the only source of chance; the same stream, asked with the same points, gives the
            same choices, so a killed search is resumed by asking it all again.
        random_start: as many random choices as this before the estimator decides; None for
            the design.
    """

    def __init__(
        self, sizes: Sequence[int], rng: random.Random, *, random_start: int | None = None
    ) -> None:
        self.sizes = tuple(sizes)
        self._rng = rng
        self._start = _design(self.sizes, rng) if random_start is None else []
        for _ in range(random_start or 0):
            self._start.append(tuple(rng.randrange(size) for size in self.sizes))
        self._start.reverse()
        self._sampler = _sampler(rng.randrange(2**32))

    def ask(self, told: Sequence[Point], avoid: Collection[Choice] = ()) -> Choice:
        """The next choice to try, by what is known of some; ``avoid`` if little else is left."""
        for choice in itertools.islice(self._draws(told), REDRAWS):
            if choice not in avoid:
                return choice
        for _ in range(REDRAWS):
            choice = tuple(self._rng.randrange(size) for size in self.sizes)
            if choice not in avoid:
                break
        return choice

    def _draws(self, told: Sequence[Point]) -> Iterator[Choice]:
        while self._start:
            yield self._start.pop()
        yield from _estimated(self._sampler, self.sizes, told)


def _design(sizes: Sequence[int], rng: random.Random) -> list[Choice]:
    """Each value of each variable once, those with few values several times."""
    rounds = max(sizes, default=1)
    columns = []
    for size in sizes:
        column = [number % size for number in range(rounds)]
        rng.shuffle(column)
        columns.append(column)
    return [tuple(column[number] for column in columns) for number in range(rounds)]


def _sampler(seed: int) -> BaseSampler:
    from optuna.samplers import TPESampler  # noqa: PLC0415 - it takes most of a second

    return TPESampler(seed=seed, n_startup_trials=1, multivariate=True)


def _estimated(
    sampler: BaseSampler, sizes: Sequence[int], told: Sequence[Point]
) -> Iterator[Choice]:
    """Draws, each away from those before it: optuna takes a trial without a score for a bad one."""
    import optuna  # noqa: PLC0415 - it takes most of a second
    from optuna.distributions import CategoricalDistribution  # noqa: PLC0415

    space = {f"{i:04d}": CategoricalDistribution(tuple(range(n))) for i, n in enumerate(sizes)}
    trials = [
        optuna.trial.create_trial(
            params=dict(zip(space, point.choice, strict=True)),
            distributions=dict(space),
            value=point.value,
        )
        for point in told
    ]
    with _without_chatter():
        study = optuna.create_study(
            storage=optuna.storages.InMemoryStorage(), sampler=sampler, direction="maximize"
        )
    study.add_trials(trials)
    while True:
        drawn = study.ask(dict(space)).params
        yield tuple(int(drawn[name]) for name in space)


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Optuna tells stderr of every study; its level can be set for all of it only."""
    import optuna  # noqa: PLC0415

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)
