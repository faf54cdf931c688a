"""Several of a kind, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")


def turns(items: Sequence[T], first: int, count: int) -> list[T]:
    """So many items, each one's turn after the other's, from the one whose turn is ``first`` on.

    What is cut short at each step has to begin where the last one ended, or the last items would
    never have their turn.
    """
    return [items[number % len(items)] for number in range(first, first + count)]


def in_turn(sources: Sequence[Iterator[T]]) -> Iterator[T]:
    """One of each source after the other until all are empty."""
    waiting = list(sources)
    while waiting:
        for source in list(waiting):
            try:
                item = next(source)
            except StopIteration:
                waiting.remove(source)
            else:
                yield item
