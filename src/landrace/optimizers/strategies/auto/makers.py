"""The operators of the loop. A new one is a function and a row here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.optimizers.operators.base import children
from landrace.optimizers.operators.table import OPERATORS
from landrace.optimizers.slots.formats import formats_for
from landrace.optimizers.strategies.auto import joining, rewording, showing

if TYPE_CHECKING:
    from collections.abc import Callable

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.strategies.auto.bench import Bench
    from landrace.schemas.candidate import Candidate

# Operators of `operators/` that ask no proposer.
EDITS = (
    "data format",
    "section format",
    "drop section",
    "drop intro",
    "repeat section",
    "stop words",
    "fewer examples",
)


class Maker(NamedTuple):
    """``applies`` costs nothing; ``make`` may find that it has nothing to say.

    ``asks`` is whether the proposer is asked. ``tickets`` are its chances before anything is known.
    """

    applies: Callable[[Bench, Context], bool]
    make: Callable[[Bench, Context], Candidate | None]
    asks: bool = False
    tickets: int = 1


def _can_be_formed(bench: Bench, context: Context) -> bool:
    view = context.view
    forms = formats_for(view.node.contract)
    return context.node == bench.main and view.parts is not None and len(forms) > 1


def _formed(bench: Bench, context: Context) -> Candidate:
    """Another answer format, with what reads it."""
    del bench
    view = context.view
    forms = [form for form in formats_for(view.node.contract) if form.name != view.slots.format]
    form = context.rng.choice(forms)
    return context.child(f"format {form.name}", layout=view.layout, format=form.name, parser=None)


def _can_be_edited(bench: Bench, context: Context) -> bool:
    del bench
    return any(OPERATORS[name].applies(context.view) for name in EDITS)


def _edited(bench: Bench, context: Context) -> Candidate | None:
    """An edit of form that needs no model."""
    del bench
    fitting = [name for name in EDITS if OPERATORS[name].applies(context.view)]
    found = children(OPERATORS[context.rng.choice(fitting)], context)
    return found[0] if found else None


MAKERS: dict[str, Maker] = {
    "reflection": Maker(rewording.can_be_reworded, rewording.reflection, asks=True, tickets=3),
    "lessons": Maker(rewording.can_be_reworded, rewording.lessons, asks=True, tickets=3),
    "rewriting": Maker(rewording.can_be_reworded, rewording.rewriting, asks=True, tickets=2),
    "mistakes": Maker(showing.can_teach, showing.mistakes, tickets=2),
    "examples": Maker(showing.can_show, showing.redrawn, tickets=2),
    "orientation": Maker(showing.can_be_turned, showing.turned),
    "crossing": Maker(joining.can_be_crossed, joining.crossed, tickets=2),
    "format": Maker(_can_be_formed, _formed),
    "edit": Maker(_can_be_edited, _edited),
}
