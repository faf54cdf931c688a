"""System-aware merge: what two candidates learned in different nodes, in one program.

GEPA+Merge (Agrawal et al. 2025): two candidates of the frontier, neither descended from the
other, and an ancestor of both that is no better than either. A node that one side alone has
changed comes from that side; what both have changed comes from the better one. Pure.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

    from landrace.optimizers.entry import Entry
    from landrace.schemas.candidate import Candidate
    from landrace.schemas.case import Case

SAMPLE = 5  # cases on which a merge has to hold its own


class Union(NamedTuple):
    """Two candidates and what they both come from, all by digest."""

    one: str
    other: str
    ancestor: str


def unions(members: Iterable[str], parents: Mapping[str, Sequence[str]]) -> list[Union]:
    """Every two members of which neither descends from the other, with each common ancestor."""
    found = []
    for one, other in combinations(members, 2):
        ours, theirs = ancestors(one, parents), ancestors(other, parents)
        if one not in theirs and other not in ours:
            found += [Union(one, other, each) for each in ours if each in theirs]
    return found


def ancestors(member: str, parents: Mapping[str, Sequence[str]]) -> list[str]:
    """All that a member comes from, the nearest first, without itself."""
    found: dict[str, None] = {}
    waiting = list(parents.get(member, ()))
    while waiting:
        each = waiting.pop(0)
        if each not in found:
            found[each] = None
            waiting += parents.get(each, ())
    return list(found)


def merged(better: Entry, worse: Entry, ancestor: Entry, nodes: Iterable[str]) -> Candidate | None:
    """The better one with those nodes that the worse alone has changed.

    None where that would be the one or the other.
    """
    base, ours, theirs = (entry.candidate for entry in (ancestor, better, worse))
    kept = [node for node in nodes if ours.slots(node) != base.slots(node)]
    taken = {
        node: theirs.slots(node)
        for node in nodes
        if node not in kept and theirs.slots(node) != base.slots(node)
    }
    if not kept or not taken:
        return None
    return ours.model_copy(
        update={
            "nodes": {**ours.nodes, **taken},
            "operator": "merge",
            "parents": (better.digest, worse.digest),
        }
    )


def stratified(
    cases: Sequence[Case], ours: Sequence[float], theirs: Sequence[float], rng: random.Random
) -> list[Case]:
    """A few cases, from those that the one, the other or neither does better, evenly."""
    groups: dict[int, list[Case]] = defaultdict(list)
    for case, one, other in zip(cases, ours, theirs, strict=True):
        groups[(one > other) - (one < other)].append(case)
    each = math.ceil(SAMPLE / 3)
    chosen = [
        case
        for sign in (1, -1, 0)
        for case in rng.sample(groups[sign], min(each, len(groups[sign])))
    ][:SAMPLE]
    rest = [case for case in cases if case not in chosen]
    return chosen + rng.sample(rest, min(SAMPLE - len(chosen), len(rest)))
