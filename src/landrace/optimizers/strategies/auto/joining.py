"""What two candidates do differently, in one: at random as children, or all of it as a merge.

GEPA's merge (Agrawal et al. 2025) takes whole nodes. Here a node's words, form, examples and
parameters go each its own way, so two candidates of a prompt with one node can be joined as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import LandraceError
from landrace.optimizers.proposing.reflection import node_view
from landrace.schemas.candidate import Slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.operators.samples import Sample
    from landrace.optimizers.operators.view import View
    from landrace.optimizers.strategies.auto.bench import Bench
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate, Demo

# What only makes sense together.
TRAITS = (("source", "instruction"), ("format", "parser"), ("demos", "orientation"), ("params",))
BASE = Slots()


def can_be_crossed(bench: Bench, context: Context) -> bool:
    return bool(_mates(bench, context))


def crossed(bench: Bench, context: Context) -> Candidate:
    """The parent with some of what another member has otherwise, in this node and in others."""
    rng = context.rng
    mate = rng.choice(_mates(bench, context))
    differing = _differing(bench, context.entry, mate)
    first = rng.choice([each for each in differing if each[0] == context.node])
    others = [each for each in differing if each != first]
    # All of it would be the mate itself.
    most = max(0, len(others) - 1)
    taken = [first, *rng.sample(others, rng.randint(0, most))]
    child = _with(context.entry, mate, taken, "crossing")
    return alike(bench.study, child, bench.start.samples)


def merged(better: Entry, worse: Entry, nodes: Iterable[str]) -> Candidate | None:
    """The better one with what the worse alone has changed; None where that is nothing."""
    if better.candidate.graph != worse.candidate.graph:
        return None
    taken = [
        (node, trait)
        for node in nodes
        for trait in TRAITS
        if _values(better, node, trait) == _values_of(BASE, trait) != _values(worse, node, trait)
    ]
    return _with(better, worse, taken, "merge") if taken else None


def _mates(bench: Bench, context: Context) -> list[Entry]:
    """The members that have something of the node otherwise than the parent."""
    return [
        mate
        for mate in bench.members.ranked
        if any(node == context.node for node, _ in _differing(bench, context.entry, mate))
    ]


def alike(study: Study, candidate: Candidate, samples: Mapping[str, Sequence[Sample]]) -> Candidate:
    """The candidate with examples whose inputs are written as each node's own input is.

    Examples and input can come from two candidates with different data formats. An example of
    which the samples know no inputs stays as it is.
    """
    nodes = {}
    for node, slots in candidate.nodes.items():
        inputs = {sample.case.id: sample.inputs for sample in samples.get(node, ())}
        view = node_view(study, candidate, node) if slots.demos and inputs else None
        if view is not None and view.parts is not None:
            demos = tuple(_rewritten(view, demo, inputs) for demo in slots.demos)
            nodes[node] = slots.model_copy(update={"demos": demos})
    return candidate.model_copy(update={"nodes": {**candidate.nodes, **nodes}})


def _rewritten(view: View, demo: Demo, inputs: Mapping[str, Mapping[str, Any]]) -> Demo:
    try:
        return demo.model_copy(update={"user": view.user_turn(inputs[demo.case_id])})
    except (KeyError, LandraceError):
        return demo


def _differing(bench: Bench, one: Entry, other: Entry) -> list[tuple[str, tuple[str, ...]]]:
    if one.candidate.graph != other.candidate.graph:
        return []
    return [
        (node, trait)
        for node in bench.study.setting.program.nodes
        for trait in TRAITS
        if _values(one, node, trait) != _values(other, node, trait)
    ]


def _with(
    entry: Entry, mate: Entry, taken: Iterable[tuple[str, tuple[str, ...]]], operator: str
) -> Candidate:
    candidate = entry.candidate
    for node, trait in taken:
        theirs = mate.candidate.slots(node)
        slots = {name: getattr(theirs, name) for name in trait}
        layout = candidate.slots(node).layout
        # Without a place for it, neither an instruction nor examples can stand anywhere.
        slots["layout"] = theirs.layout if layout == "base" else layout
        candidate = candidate.changed(operator, node=node, **slots)
    return candidate.model_copy(
        update={"operator": operator, "parents": (entry.digest, mate.digest)}
    )


def _values(entry: Entry, node: str, trait: tuple[str, ...]) -> list[Any]:
    return _values_of(entry.candidate.slots(node), trait)


def _values_of(slots: Slots, trait: tuple[str, ...]) -> list[Any]:
    return [getattr(slots, name) for name in trait]
