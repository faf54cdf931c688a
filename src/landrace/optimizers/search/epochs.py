"""Minibatches that go through all items before any of them comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

T = TypeVar("T")


class Epochs(Generic[T]):
    """Draws without replacement, shuffled anew for each pass; a batch never repeats an item."""

    def __init__(self, items: Sequence[T], size: int, rng: random.Random) -> None:
        self._items = list(items)
        self._size = min(size, len(self._items))
        self._rng = rng
        self._waiting: list[T] = []

    def batch(self, fits: Callable[[T], bool] = lambda _: True) -> list[T]:
        """The next minibatch; all items in random order if there are no more than its size.

        Of those alone that fit, and as many of them as there are if these are fewer. What is passed
        over keeps its turn: it comes first in the next minibatch that it fits.
        """
        taken = self._take([], fits)
        wanted = min(self._size, sum(map(fits, self._items)))
        if len(taken) < wanted:
            fresh = self._rng.sample(self._items, len(self._items))
            self._waiting += [item for item in fresh if item not in self._waiting]
            taken += self._take(taken, fits)
        return taken

    def _take(self, taken: Sequence[T], fits: Callable[[T], bool]) -> list[T]:
        """What a minibatch lacks, out of those that wait; they do not wait any more."""
        fitting = [item for item in self._waiting if fits(item) and item not in taken]
        filling = fitting[: self._size - len(taken)]
        self._waiting = [item for item in self._waiting if item not in filling]
        return filling
