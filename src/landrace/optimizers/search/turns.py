"""Several sources, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")


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
