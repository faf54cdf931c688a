"""DecreaseInContextExamples and DropExamples: demos, and sections that hold examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.optimizers.slots.structure import EXAMPLE_NAMES
from landrace.template import drop_section, sections

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.schemas.candidate import Candidate


def has_examples(view: View) -> bool:
    return bool(view.slots.demos) and view.allows("demos")


def has_anything_to_drop(view: View) -> bool:
    return has_examples(view) or bool(_example_sections(view))


def decrease_examples(context: Context) -> list[Candidate]:
    """Children with a share of the demos, .8 by default and at least one; which is drawn."""
    shown = context.view.slots.demos
    count = max(1, int(len(shown) * context.tuning.keep_examples))
    if count == len(shown):
        return []
    found = []
    for _ in range(context.most):
        kept = sorted(context.rng.sample(range(len(shown)), count))
        demos = tuple(shown[number] for number in kept)
        found.append(context.child(f"{count} of {len(shown)} examples", demos=demos))
    return found


def drop_examples(context: Context) -> list[Candidate]:
    """The child without demos and without sections of examples."""
    template = context.view.template
    for name in _example_sections(context.view):
        template = drop_section(template, name)
    changed = template is not context.view.template
    source = template.source if changed else context.view.slots.source
    return [context.child("drop examples", demos=(), source=source)]


def _example_sections(view: View) -> list[str]:
    found = [name for name in sections(view.template) if name in EXAMPLE_NAMES]
    return [name for name in found if view.allows("sections", name)]
