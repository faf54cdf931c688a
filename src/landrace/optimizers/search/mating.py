"""Who has children together, and what parents leave to a child that no proposer has to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.optimizers.proposing.opening import context_of
from landrace.optimizers.proposing.wording import instruction_of

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from landrace.optimizers.entry import Entry
    from landrace.optimizers.operators.base import Context
    from landrace.optimizers.study import Study
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case


def roulette(fitness: Sequence[float], count: int, rng: random.Random) -> list[int]:
    """The numbers of ``count`` different members, each drawn in proportion to its fitness.

    Fitness is not negative. Once nobody with any is left, all others are equally likely.
    """
    left = list(range(len(fitness)))
    found: list[int] = []
    while left and len(found) < count:
        weights = [fitness[number] for number in left]
        found.append(rng.choices(left, weights if any(weights) else None)[0])
        left.remove(found[-1])
    return found


def fitness_of(study: Study, entries: Sequence[Entry], cases: Sequence[Case]) -> list[float]:
    """What a roulette draws each by: its mean on the cases that all of them have.

    One that lacks more of the cases than coverage allows has none, and takes no case from the
    others: if its calls fail, all would else be compared on nothing.
    """
    table, digests = study.table, [entry.digest for entry in entries]
    heard = table.heard(digests, cases, study.setting.policy.min_coverage)
    shared = table.shared(heard, cases)
    means = {digest: table.mean(digest, shared) or 0.0 for digest in heard}
    return [means.get(digest, 0.0) for digest in digests]


def texts(study: Study, entries: Sequence[Entry], node: str) -> list[str]:
    """The node's instruction in each candidate."""
    rng = study.rng("texts")
    return [instruction_of(context_of(study, entry, node, rng)) for entry in entries]


def crossing_node(
    study: Study, nodes: Sequence[str], parents: Sequence[Entry], rng: random.Random
) -> str:
    """A node in whose instruction the parents differ, or any if there is none."""
    differing = [node for node in nodes if len(set(texts(study, parents, node))) > 1]
    return rng.choice(differing or list(nodes))


def mated(operator: str, mother: Context, father: Entry, text: str, **slots: Any) -> Candidate:
    """A child of two: the mother's node with another instruction, and what `mixed` gives it."""
    child = mixed(mother.entry, father, mother.node, mother.rng).changed(
        operator,
        node=mother.node,
        parent=mother.entry.digest,
        instruction=text,
        layout=mother.view.layout,
        **slots,
    )
    return child.model_copy(update={"parents": (mother.entry.digest, father.digest)})


def mixed(mother: Entry, father: Entry, node: str, rng: random.Random) -> Candidate:
    """The mother's candidate, with each node but ``node`` from either parent by a coin's toss.

    Where the parents have different graphs, nodes of one may not fit the other: all is hers.
    """
    one, two = mother.candidate, father.candidate
    if one.graph != two.graph:
        return one
    nodes = dict(one.nodes)
    for name in sorted({*one.nodes, *two.nodes} - {node}):
        if rng.random() < 0.5:
            nodes[name] = two.slots(name)
    return one.model_copy(update={"nodes": nodes})
