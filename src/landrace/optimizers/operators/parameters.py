"""ReplaceParameter: decoding parameters of a node, or fields of other nodes, from value lists."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from landrace.optimizers.slots.selectors import Slot

if TYPE_CHECKING:
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.view import View
    from landrace.schemas.candidate import Candidate


class Choice(NamedTuple):
    """A value that a slot may take."""

    slot: Slot
    value: Any


def choices(view: View) -> list[Choice]:
    """The values of the tuning that this node, or a node that asks no model, can take.

    ``NODE/params/NAME`` is a parameter of a `generate` node, where NODE may be a pattern;
    ``NODE/FIELD`` a field of another node.
    """
    found = []
    for address, values in view.tuning.values.items():
        slot = Slot.of(address)
        if slot is None:
            continue
        if slot.kind != "params":
            present = view.settings.get(slot.node, {}).get(slot.kind)
        elif fnmatchcase(view.node.name, slot.node):
            slot = slot._replace(node=view.node.name)
            present = view.slots.params.get(slot.name)
        else:
            continue
        found += [Choice(slot, value) for value in values if value != present]
    return found


def has_choices(view: View) -> bool:
    return bool(choices(view))


def replace_parameter(context: Context) -> list[Candidate]:
    """Children with one other value each, no two of them with the same."""
    possible = choices(context.view)
    drawn = context.rng.sample(possible, min(context.most, len(possible)))
    return [with_choice(context, choice) for choice in drawn]


def with_choice(context: Context, choice: Choice) -> Candidate:
    """The parent with this value."""
    name = f"{choice.slot} = {choice.value}"
    slot = choice.slot
    if slot.kind == "params":
        params = {**context.view.slots.params, slot.name: choice.value}
        return context.child(name, params=params)
    settings = context.entry.candidate.settings
    fields = {**settings.get(slot.node, {}), slot.kind: choice.value}
    return context.child(name).model_copy(update={"settings": {**settings, slot.node: fields}})
