"""Frontiers of candidates over many measures: who leads where, and who may go.

GEPA (Agrawal et al. 2025, arXiv 2507.19457, algorithm 2) keeps, for each case, the candidates with
its best score, strikes out those that others make superfluous, and draws a parent by how many
cases it leads. A measure here is any name with scores, the higher the better: a case, a part of
the metric, or both. Pure.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import random
    from collections.abc import Hashable, Mapping, Sequence

    Scores: TypeAlias = Mapping[str, Mapping[Hashable, float]]

Kind: TypeAlias = Literal["instance", "objective", "hybrid", "cartesian"]

WHOLE = "score"  # the one objective of a metric without parts
TIE = 1e-9  # float noise of a mean


class Marks(NamedTuple):
    """A candidate's score on a case, and the metric's parts of it by name."""

    score: float
    parts: Mapping[str, float] = {}


def measures(
    kind: Kind, marks: Mapping[str, Marks], weights: Mapping[str, float]
) -> dict[Hashable, float]:
    """What a candidate is measured by, from its marks by case id.

    ``instance``: its score on each case. ``objective``: its mean in each part of the metric, over
    the cases that have ``weights``, by these. ``hybrid``: both. ``cartesian``: each part on each
    case. A metric without parts has one.
    """
    if kind == "instance":
        return {case: mark.score for case, mark in marks.items()}
    if kind == "objective":
        return {("mean", name): value for name, value in _part_means(marks, weights).items()}
    if kind == "hybrid":
        return {**measures("instance", marks, weights), **measures("objective", marks, weights)}
    return {
        (case, name): value for case, mark in marks.items() for name, value in _parts(mark).items()
    }


def _parts(mark: Marks) -> Mapping[str, float]:
    return mark.parts or {WHOLE: mark.score}


def _part_means(marks: Mapping[str, Marks], weights: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for case, weight in weights.items():
        if case in marks:
            for name, value in _parts(marks[case]).items():
                found[name].append((value, weight))
    return {
        name: math.fsum(value * weight for value, weight in pairs)
        / math.fsum(weight for _, weight in pairs)
        for name, pairs in found.items()
    }


def leaders(scores: Scores) -> dict[Hashable, list[str]]:
    """For each measure the candidates with its best score; a missing score leads nowhere."""
    found: dict[Hashable, list[str]] = {}
    best: dict[Hashable, float] = {}
    for candidate, values in scores.items():
        for measure, value in values.items():
            if measure not in best or value > best[measure] + TIE:
                best[measure] = value
                found[measure] = [candidate]
            elif value >= best[measure] - TIE:
                found[measure].append(candidate)
    return found


def frontier(scores: Scores) -> dict[str, int]:
    """The candidates that are needed to lead every measure, and how many each of them leads.

    The weakest is struck out first, if others lead wherever it leads; so one that another
    dominates never stays, and every measure keeps a leader. A measure on which all are equal
    tells nothing but still counts, as in the paper.
    """
    led = leaders(scores)
    places: dict[str, set[Hashable]] = defaultdict(set)
    for measure, candidates in led.items():
        for candidate in candidates:
            places[candidate].add(measure)
    holders = {measure: len(candidates) for measure, candidates in led.items()}

    def strength(candidate: str) -> tuple[int, float]:
        return len(places[candidate]), math.fsum(scores[candidate].values())

    kept = dict.fromkeys(candidate for candidate in scores if candidate in places)
    for candidate in sorted(kept, key=strength):
        if all(holders[measure] > 1 for measure in places[candidate]):
            del kept[candidate]
            for measure in places[candidate]:
                holders[measure] -= 1
    return {candidate: len(places[candidate]) for candidate in kept}


def draw(frontier_: Mapping[str, int], rng: random.Random) -> str:
    """One of a frontier, which must not be empty, by how much it leads."""
    return rng.choices(list(frontier_), list(frontier_.values()))[0]


def best(means: Mapping[str, float], count: int = 1) -> Sequence[str]:
    """The candidates with the highest means, the best first; of two that tie, the older."""
    return sorted(means, key=lambda candidate: -means[candidate])[:count]
