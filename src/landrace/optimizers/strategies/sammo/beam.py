"""Beam search (SAMMO, algorithm 1): mutate the best, keep the best of old and new, go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.search.bag import Bag
from landrace.optimizers.strategies.sammo.breeding import Litter, lesson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.strategies.sammo.arena import Arena
    from landrace.optimizers.strategies.sammo.options import Options


SEQUENTIAL_DEPTH = 25
LEAST_CASES = 4  # fewer in the first rung of a halving, and luck chooses


def beam_search(arena: Arena, options: Options, starts: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The beam after each round, the best first.

    Every round gets an equal share of the runs that are left. The beam before competes with
    its children, as in SAMMO. Where a halving would have too few cases to tell candidates apart,
    there are fewer rounds, and then fewer children. Where there are fewer parents than the beam has
    room for, which is so at the start, it gives each of them more children instead of more cases.

    Raises:
        BudgetExhaustedError: a round could not be paid; the rounds before stand.
    """
    study, bag = arena.study, Bag(options.operators)
    beam = list(starts)
    rounds = _rounds(arena, options)
    for depth in range(rounds):
        share = study.runs_left() / (rounds - depth)
        ends = study.runs_left() - share
        children = _children_of_each(arena, options, len(beam))
        room = _room(arena, children, share, len(beam))
        stream = f"sammo/beam/{depth}"
        litter = Litter(beam, children, room, stream, spare=ends + share / 2)
        born, bag = litter.born(study, bag, options.tuning)
        pool = [*beam, *(child.entry for child in born)]
        beam = arena.best(pool, options.width, max(0, int(study.runs_left() - ends)))
        bag = lesson(arena, born, bag, study.select)
        study.log("bag", records={name: list(record) for name, record in bag.records.items()})
        yield beam


def _rounds(arena: Arena, options: Options) -> int:
    if arena.is_full:
        return options.depth
    least = 2 * LEAST_CASES * (options.width + 2)
    return max(1, min(options.depth, int(arena.study.runs_left() / least)))


def _children_of_each(arena: Arena, options: Options, parents: int) -> int:
    if arena.is_full:
        return options.mutations
    return max(options.mutations, options.width * options.mutations // parents)


def _room(arena: Arena, mutations: int, share: float, parents: int) -> int:
    """The most children of a round: with `halving`, as many as its share can tell apart."""
    most = parents * mutations
    if arena.is_full:
        return most
    return max(1, min(most, int(share / (2 * LEAST_CASES)) - parents))


def sequential_search(
    arena: Arena, options: Options, starts: Sequence[Entry]
) -> Iterator[list[Entry]]:
    """A beam of one with one mutation a round; 25 rounds unless the options say more.

    It begins with the best of the starts; where they are compared by halving, that takes half of
    the runs at most. SAMMO returns the last candidate, better or not. Here the last is the better
    of two.

    Raises:
        BudgetExhaustedError: the starts or a round could not be paid; what came before stands.
    """
    narrow = options.model_copy(
        update={"width": 1, "mutations": 1, "depth": max(options.depth, SEQUENTIAL_DEPTH)}
    )
    study = arena.study
    rivals = {entry.digest for entry in study.rivals}
    # The probe has scored these on all of select: a few cases shall not tell otherwise.
    beam = study.ranked(study.rivals, study.select)[:1]
    fresh = [entry for entry in starts if entry.digest not in rivals]
    if fresh:
        # All rounds rest on this choice, so it gets more cases than a round has.
        runs = min(study.runs_left() / 2, len(study.select) * len(fresh))
        beam = arena.best([*beam, *fresh], 1, int(runs))
    yield beam
    yield from beam_search(arena, narrow, beam)
