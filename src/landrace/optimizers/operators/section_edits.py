"""Edits of whole sections: DropParameter, DropIntro and RepeatSegment."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from landrace.errors import TemplateError
from landrace.optimizers.operators.view import TASK, with_instruction
from landrace.optimizers.slots.structure import drop_intro, repeat_section
from landrace.template import drop_section, sections

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.schemas.candidate import Candidate


INTRO = "intro"  # what stands before the first section, as targets call it


def can_drop(view: View) -> bool:
    return bool(_droppable(view)) or bool(view.instruction())


def drop_a_section(context: Context) -> list[Candidate]:
    """Children that lack one section each, or the whole instruction where it has none."""
    view = context.view
    names = _droppable(view)
    if not names:
        if not (view.instruction() and view.parts and view.allows("sections", TASK)):
            return []
        return [context.child("drop instruction", **with_instruction(view, ""))]
    drawn = context.rng.sample(names, min(context.most, len(names)))
    return [
        context.child(f"drop section {name}", source=drop_section(view.template, name).source)
        for name in drawn
    ]


def has_intro(view: View) -> bool:
    if view.slots.instruction is not None or not view.allows("sections", INTRO):
        return False
    return drop_intro(view.template) is not None


def drop_the_intro(context: Context) -> list[Candidate]:
    shorter = drop_intro(context.view.template)
    return [] if shorter is None else [context.child("drop intro", source=shorter.source)]


def can_repeat(view: View) -> bool:
    return bool(view.passages)


def repeat_a_section(context: Context) -> list[Candidate]:
    """Children that say one section twice: after another section, or at the very end."""
    view = context.view
    if view.slots.instruction is not None or not _droppable(view):
        return [doubled(context)] if view.instruction() and view.parts else []
    names = _droppable(view)
    places = list(product(names, [None, *names]))
    found = []
    for name, after in context.rng.sample(places, len(places)):
        try:
            source = repeat_section(view.template, name, after).source
        except TemplateError:
            continue  # one of the two stands in a condition
        found.append(context.child(f"repeat section {name}", source=source))
        if len(found) == context.most:
            break
    return found


def doubled(context: Context) -> Candidate:
    """The child whose instruction is said twice."""
    text = context.view.instruction()
    return context.child("doubled", **with_instruction(context.view, f"{text}\n\n{text}"))


def _droppable(view: View) -> list[str]:
    """The sections of the template; none where an instruction has taken their place."""
    if view.slots.instruction is not None:
        return []
    return [name for name in sections(view.template) if view.allows("sections", name)]
