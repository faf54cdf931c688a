"""The space that an enumerative search walks: every combination of what may vary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.operators.formatting import in_data_format, in_style
from landrace.optimizers.operators.parameters import Choice, with_choice
from landrace.optimizers.slots.data_formats import DATA_FORMATS
from landrace.optimizers.slots.selectors import Slot, chosen
from landrace.optimizers.strategies.sammo.shots import Shots, with_shots
from landrace.template import drop_section, sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.slots.structure import Style
    from landrace.optimizers.strategies.sammo.options import Space
    from landrace.schemas.candidate import Candidate, Orientation


class Point(NamedTuple):
    """One combination; None and an empty tuple leave that part as it is. ``dropped`` are the
    sections that are left out.
    """

    form: str | None
    orientation: Orientation | None
    number: int | None
    style: Style | None
    dropped: tuple[str, ...]
    values: tuple[Choice, ...]


class Grid(NamedTuple):
    """All combinations of a space for one node, made one at a time: there can be very many."""

    axes: tuple[Sequence[Any], ...]
    optional: int  # how many of the axes are sections that may be dropped

    @classmethod
    def of(cls, context: Context, space: Space) -> Grid:
        """The combinations; the first part varies slowest."""
        view = context.view
        names = [
            name
            for name in sections(view.template)
            if view.slots.instruction is None
            and chosen(Slot(context.node, "sections", name), space.optional)
        ]
        values = [
            [Choice(slot, value) for value in options]
            for address, options in space.values.items()
            if (slot := Slot.of(address)) is not None
        ]
        parts = (space.data_formats, space.orientations, space.examples, space.section_formats)
        fixed: list[Sequence[Any]] = [part or (None,) for part in parts]
        return cls((*fixed, *((None, name) for name in names), *values), len(names))

    @property
    def size(self) -> int:
        return math.prod(map(len, self.axes))

    def point(self, number: int) -> Point:
        """The combination of that number, 0 to ``size`` less 1."""
        drawn: list[Any] = []
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis))
            drawn.insert(0, axis[place])
        form, orientation, count, style, *rest = drawn
        dropped = tuple(name for name in rest[: self.optional] if name is not None)
        return Point(form, orientation, count, style, dropped, tuple(rest[self.optional :]))


def at(context: Context, point: Point) -> Candidate | None:
    """The context's candidate changed to a point; None where the point does not suit the node,
    such as a format that cannot ask for its output, or more examples than there are.

    Raises:
        LandraceError: an example does not fit the node's template.
    """
    context = _reworked(context, point)
    form = DATA_FORMATS.get(point.form or "")
    if form is not None and form.answer(context.view.node.contract) is None:
        return None
    if point.number is not None or point.orientation is not None:
        shots = Shots(form, point.orientation or "turns", point.number)
        candidate = with_shots(context, shots)
    else:
        candidate = in_data_format(context, form) if form else context.entry.candidate
    return candidate and candidate.model_copy(update={"operator": name_of(point)})


def _reworked(context: Context, point: Point) -> Context:
    """The context with the point's values, without what it drops, and in its style."""
    for choice in point.values:
        context = _onward(context, with_choice(context, choice))
    template = context.view.template
    for name in point.dropped:
        template = drop_section(template, name)
    if point.dropped:
        context = _onward(context, context.child("dropped", source=template.source))
    slots = in_style(context.view, point.style) if point.style is not None else None
    return context if slots is None else _onward(context, context.child("style", **slots))


def name_of(point: Point) -> str:
    """What a report calls the point."""
    parts = [
        f"{point.number} examples" if point.number is not None else "",
        f"by {point.orientation}" if point.orientation else "",
        f"data in {point.form}" if point.form else "",
        f"sections in {point.style}" if point.style else "",
        f"without {', '.join(point.dropped)}" if point.dropped else "",
        *(f"{choice.slot} = {choice.value}" for choice in point.values),
    ]
    return ", ".join(part for part in parts if part) or "as it is"


def _onward(context: Context, candidate: Candidate) -> Context:
    """The context with a candidate on the way, which need not be admitted."""
    return context._replace(entry=context.entry._replace(candidate=candidate))
