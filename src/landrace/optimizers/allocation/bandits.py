"""Who gets more cases, as ProTeGi (Pryzant et al. 2023, arXiv 2305.03495, §3.2) asks it.

Its five rules: uniform, UCB, UCB-E, successive rejects, successive halving. Here all are
cumulative on one shared case order, so every comparison is paired; the released successive
rejects draws anew in each phase, forgets what it knew and passes its budget. Arms that met
different numbers of cases, which UCB makes of them, are compared by what is left of their scores
once the hardness of the cases is taken out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from landrace.optimizers.allocation.rungs import Rung, halving, runs_taken, successive_rejects
from landrace.optimizers.search.credit import additive_fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landrace.optimizers.search.credit import Choice

Rule: TypeAlias = Literal["uniform", "ucb", "ucb-e", "rejects", "halving"]


class Pace(NamedTuple):
    """How UCB goes: in so many rounds, with so many arms each, and how eagerly it explores."""

    rounds: int = 8
    arms: int = 8
    c: float = 1.0


class Arm(NamedTuple):
    """``value`` is what the arm is believed to be worth beside the others."""

    value: float
    pulls: int


def rungs(rule: Rule, arms: int, keep: int, runs: int, cases: int) -> list[Rung]:
    """The schedule of a rule that needs no scores to say who gets how many cases."""
    if arms <= keep:
        return []
    if rule == "halving":
        return halving(arms, keep, runs, cases)
    if rule == "rejects":
        return _rejects(arms, keep, runs, cases)
    reached = max(0, min(cases, runs // arms))
    return [Rung(arms, reached, keep)] if reached else []


def _rejects(arms: int, keep: int, runs: int, cases: int) -> list[Rung]:
    """Successive rejects that stops when ``keep`` are left, and gives them what it saved."""
    found = [rung for rung in successive_rejects(arms, runs, cases) if rung.alive > keep]
    if not found:
        return []
    reached = min(cases, found[-1].cases + (runs - runs_taken(found)) // keep)
    return [*found, Rung(keep, reached, keep)]


def estimates(scores: Sequence[Mapping[str, float]]) -> list[Arm]:
    """What arms are worth by their scores on cases: residuals of an additive fit.

    Cases count alike here, whatever their weight: it screens, and what it leaves is ranked.
    """
    met: dict[Choice, Mapping[str, float]] = {
        (n,): found for n, found in enumerate(scores) if found
    }
    effects, levels = additive_fit(met) if met else ({}, {})
    middle = sum(levels.values()) / len(levels) if levels else 0.0
    return [
        Arm(middle + effects[number,] if (number,) in effects else -math.inf, len(found))
        for number, found in enumerate(scores)
    ]


def promising(rule: Rule, arms: Sequence[Arm], pace: Pace) -> list[int]:
    """The arms to pull next, the most promising first; those without a pull before all others.

    UCB's bonus is c sqrt(ln t / n), UCB-E's c sqrt(c / n), as ProTeGi has them, but t counts pulls
    of these arms as in APE's code, where ProTeGi's has the round: it explores more.
    """
    total = sum(arm.pulls for arm in arms)

    def index(number: int) -> float:
        arm = arms[number]
        if not arm.pulls:
            return math.inf
        spread = pace.c if rule == "ucb-e" else math.log(total)
        return arm.value + pace.c * math.sqrt(spread / arm.pulls)

    return sorted(range(len(arms)), key=lambda number: -index(number))[: pace.arms]
