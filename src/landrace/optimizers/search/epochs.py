"""Minibatches that go through all items before any of them comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

T = TypeVar("T")


class Epochs(Generic[T]):
    """Draws without replacement, shuffled anew for each pass; a batch never repeats an item."""

    def __init__(self, items: Sequence[T], size: int, rng: random.Random) -> None:
        self._items = list(items)
        self._size = min(size, len(self._items))
        self._rng = rng
        self._waiting: list[T] = []

    def batch(self) -> list[T]:
        """The next minibatch; all items in random order if there are no more than its size."""
        taken, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
        if len(taken) < self._size:
            fresh = self._rng.sample(self._items, len(self._items))
            filling = [item for item in fresh if item not in taken][: self._size - len(taken)]
            self._waiting = [item for item in fresh if item not in filling]
            taken += filling
        return taken
