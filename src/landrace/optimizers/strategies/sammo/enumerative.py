"""Enumerative search: every point of a space in order (grid), or in random order."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from landrace.errors import LandraceError
from landrace.optimizers.strategies.sammo.axes import Grid, at, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.sammo.arena import Arena
    from landrace.optimizers.strategies.sammo.axes import Point
    from landrace.optimizers.strategies.sammo.options import Options
    from landrace.schemas.candidate import Candidate

TRIES = 4  # points that are looked at for one that suits its node
LARGEST = 2**62  # of a larger grid the first points are drawn from


def enumerated(
    arena: Arena, options: Options, starts: Sequence[Entry], contexts: Sequence[Context]
) -> Iterator[list[Entry]]:
    """The best of the starts and the points, once.

    ``contexts`` are what the points are put into: the nodes of the base. SAMMO scores two
    candidates at a time on all of the data; here all are scored together, on shared cases.

    Raises:
        BudgetExhaustedError: not all could be scored.
    """
    study = arena.study
    entries = study.admit_all(list(_candidates(options, contexts)))
    pool = [*starts, *entries]
    yield arena.best(pool, options.width, int(study.runs_left()))


def _candidates(options: Options, contexts: Sequence[Context]) -> Iterator[Candidate]:
    """The first points that suit their node, or a random choice of them."""
    left = options.max_candidates
    for context, point in _points(options, contexts):
        if not left:
            return
        try:
            candidate = at(context, point)
        except LandraceError as error:
            context.study.log("dropped", operator=name_of(point), reason=str(error))
            continue
        if candidate is not None:
            left -= 1
            yield candidate


def _points(options: Options, contexts: Sequence[Context]) -> Iterator[tuple[Context, Point]]:
    """Every point of every node's grid, once; the nodes take turns, or few would have any."""
    grids = [(context, Grid.of(context, options.space)) for context in contexts]
    most = TRIES * options.max_candidates
    orders: list[Sequence[int]] = [
        range(grid.size)
        if options.search == "grid"
        else context.rng.sample(range(min(grid.size, LARGEST)), min(grid.size, most))
        for context, grid in grids
    ]
    for numbers in zip_longest(*orders):
        for (context, grid), number in zip(grids, numbers, strict=True):
            if number is not None:
                yield context, grid.point(number)
