"""Operators on the examples that a node shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.slots.data_formats import ORIENTATIONS
from landrace.optimizers.slots.few_shots import balanced, drawn
from landrace.optimizers.strategies.auto.pool import COUNTS, INNER
from landrace.optimizers.strategies.auto.questioning import questioned
from landrace.optimizers.strategies.auto.stock import labelled

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.slots.few_shots import Shot
    from landrace.optimizers.strategies.auto.bench import Bench
    from landrace.schemas.candidate import Candidate, Demo

LESSONS = (1, 2, 4)  # mistakes that become examples at once


def can_show(bench: Bench, context: Context) -> bool:
    return bool(_stock(bench, context)) and bool(_most(bench, context)) and _has_parts(context)


def can_teach(bench: Bench, context: Context) -> bool:
    """Of no other node than the last it is known what it should have said."""
    return context.node == bench.main and can_show(bench, context)


def mistakes(bench: Bench, context: Context) -> Candidate | None:
    """Cases that the candidate gets wrong as examples, in place of the oldest if need be.

    Raises:
        BudgetExhaustedError: the runs could not be paid.
    """
    view, most = context.view, _most(bench, context)
    stock = {shot.sample.case.id: shot for shot in labelled(_stock(bench, context))}
    wrong = [
        (stock[case.id], outcome.score.value)
        for case, outcome in context.study.errors(context.entry, questioned(bench, context))
        if case.id in stock and outcome.score is not None
    ]
    count = min(context.rng.choice(LESSONS), most)
    fresh = drawn(view, worst(wrong, 2 * count), count, context.rng)
    if not fresh:
        return None
    return context.child(
        "mistakes as examples", layout=view.layout, demos=(*view.slots.demos, *fresh)[-most:]
    )


def redrawn(bench: Bench, context: Context) -> Candidate:
    """Other examples: all, some, one more, one less, or the same in another order."""
    view, rng = context.view, context.rng
    shown: Sequence[Demo] = view.slots.demos
    most = _most(bench, context)
    shots = _stock(bench, context)
    if rng.random() < 0.5:
        shots = labelled(shots)
    kept = _kept(shown, rng)
    size = len(shown) + rng.choice((-1, 0, 0, 1, 2)) if kept else _size(most, rng)
    known = {demo.case_id for demo in kept}
    fresh = [shot for shot in shots if shot.sample.case.id not in known]
    count = min(max(1, size), most) - len(kept)
    added = balanced(view, fresh, count, rng) if count > 0 else ()
    together = (*kept, *added)[:most]
    found = tuple(rng.sample(together, len(together)))
    return context.child("other examples", layout=view.layout, demos=found)


def can_be_turned(bench: Bench, context: Context) -> bool:
    del bench
    return bool(context.view.slots.demos)


def turned(bench: Bench, context: Context) -> Candidate:
    """The same examples as chat turns, or in the text by item or by kind."""
    del bench
    others = [each for each in ("turns", *ORIENTATIONS) if each != context.view.slots.orientation]
    orientation = context.rng.choice(others)
    return context.child(f"examples by {orientation}", orientation=orientation)


def worst(wrong: Sequence[tuple[Shot, float]], count: int) -> list[Shot]:
    """The first so many of what is worst first, and whatever is as bad as the last of them.

    Where answers have marks, nearly every one is a little wrong.
    """
    bound = wrong[min(count, len(wrong)) - 1][1] if wrong else 0.0
    return [shot for shot, score in wrong if score <= bound]


def _kept(shown: Sequence[Demo], rng: random.Random) -> tuple[Demo, ...]:
    """None, half, all but one or all of the examples."""
    if not shown:
        return ()
    count = rng.choice((0, len(shown) // 2, len(shown) - 1, len(shown)))
    return tuple(rng.sample(list(shown), count))


def _size(most: int, rng: random.Random) -> int:
    return rng.choice([count for count in COUNTS if count <= most] or [most])


def _most(bench: Bench, context: Context) -> int:
    most = bench.options.max_demos
    return most if context.node == bench.main else min(most, INNER)


def _stock(bench: Bench, context: Context) -> Sequence[Shot]:
    return bench.shots.get(context.node, ())


def _has_parts(context: Context) -> bool:
    return context.view.parts is not None
