"""What a strategy is: a function over a study, its options, and what it will spend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.optimizers.study import Study
    from landrace.schemas.base import Strict


class Sizes(NamedTuple):
    """What is known before the first call. ``rivals`` is 1, or 2 with an incumbent."""

    search: int
    select: int
    holdout: int
    rivals: int


class Strategy(NamedTuple):
    """A row of the strategies table.

    ``shares`` gives the most calls that each stage may make when the search has so many in
    all; `optimize` holds its stages to the same numbers, so a plan bounds what is spent.
    """

    version: str
    summary: str
    options: type[Strict]
    optimize: Callable[[Study], None]
    shares: Callable[[Any, Sizes, int], dict[str, int]]
    least: Callable[[Any, Sizes], int]
