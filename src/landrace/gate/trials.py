"""From a rule and the evidence to something that can be tested: a difference with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Literal, NamedTuple

from landrace.gate.evidence import Evidence, measure
from landrace.schemas.gate_policy import COMBINED
from landrace.stats import Interval, Mean, Pairs, around_weighted_mean, weighted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from landrace.schemas.case import Case
    from landrace.schemas.gate_policy import Rule
    from landrace.schemas.score import Outcome


@dataclass(frozen=True, eq=False)
class Trial:
    """A rule on one cell. ``error`` is the chance of error that this look may use.

    ``base`` and ``head`` are means in the metric's own unit. ``statistic`` is turned so that
    more is better, and is about a true value of at least ``-allowed``: the paired difference,
    or the head's mean from which ``shift`` takes the floor. Without a statistic, ``problem``
    says why there is none.
    """

    rule: Rule
    kind: Literal["drop", "floor"]
    error: float
    base: float | None = None
    head: float | None = None
    allowed: float = 0.0
    statistic: Pairs | Mean | None = None
    shift: float = 0.0
    problem: str = ""

    def interval(self, error: float) -> Interval:
        """The interval of what is tested, at a two-sided chance of error.

        It has the digits of a report, its ends rounded outwards: verdicts are read off the
        very numbers that are shown, so that these cannot contradict them.
        """
        assert self.statistic is not None
        mean, low, high = (end - self.shift for end in self.statistic.interval(1 - error))
        return Interval(
            round(mean, self.digits) + 0.0,  # no -0.0
            _rounded(low, self.digits, math.floor),
            _rounded(high, self.digits, math.ceil),
        )

    @property
    def digits(self) -> int:
        """How many decimals its numbers have: six as in score reports, more for a call's price."""
        return 12 if self.rule.metric == "cost_usd" else 6


def _rounded(end: float, digits: int, towards: Callable[[float], int]) -> float:
    # An end such as -0.05, but for the noise of floats, is not to become -0.050001.
    scale = float(10**digits)
    return towards(round(end * scale, 3)) / scale


def trials(
    evidence: Evidence,
    rules: Sequence[Rule],
    error: float,
    planned: Sequence[Case] | None = None,
) -> list[Trial]:
    """A trial of each drop and each floor that the rules ask for and the prompt knows.

    A rule about a metric that the prompt does not have is no rule for it. ``planned`` are all
    cases that there are, where the evidence is of some: a look at half of them must not take
    cases for all alike because the heavy ones are in the other half.
    """
    weights = [case.weight for case in planned] if planned else None
    return [
        trial
        for rule in applying(evidence.metrics, rules)
        for trial in _of(evidence, rule, error, weights)
    ]


def applying(metrics: Sequence[str], rules: Sequence[Rule]) -> list[Rule]:
    """The rules that are about a prompt with these metrics."""
    return [
        rule for rule in rules if rule.is_raw or rule.metric == COMBINED or rule.metric in metrics
    ]


def trials_of(rule: Rule) -> int:
    """How many trials a rule asks for."""
    return 1 if rule.floor is None else 2


class _Sides(NamedTuple):
    """Each case's mean over its repeats, so that a case counts once, and its weight.

    ``planned`` are the weights of all cases, with those that have no scores yet.
    """

    base: list[float]
    head: list[float]
    weights: list[float]
    planned: list[float] | None = None


def _of(
    evidence: Evidence, rule: Rule, error: float, planned: list[float] | None
) -> Iterator[Trial]:
    sides = _sides(evidence, rule, planned)
    if isinstance(sides, str):
        yield Trial(rule, "drop", error, allowed=rule.allowed_drop, problem=sides)
        if rule.floor is not None:
            yield Trial(rule, "floor", error, problem=sides)
        return
    yield _drop(rule, error, sides)
    if rule.floor is not None:
        yield _floor(rule, error, sides, rule.floor)


def _drop(rule: Rule, error: float, sides: _Sides) -> Trial:
    base, head = sides.base, sides.head
    means = [fmean(weighted(side, sides.weights)) for side in (base, head)]
    if rule.is_raw:
        # A rise from nothing has no share; it counts as one of a whole, however small it is.
        scale = abs(means[0]) or abs(means[1]) or 1.0
        base, head = [value / scale for value in base], [value / scale for value in head]
    statistic = Pairs(
        _turned(head, rule),
        _turned(base, rule),
        sides.weights,
        planned=sides.planned,
        bounded=not rule.is_raw,
    )
    return Trial(
        rule, "drop", error, means[0], means[1], allowed=rule.allowed_drop, statistic=statistic
    )


def _floor(rule: Rule, error: float, sides: _Sides, floor: float) -> Trial:
    base, head = (fmean(around_weighted_mean(one, sides.weights)) for one in sides[:2])
    statistic = Mean(
        _turned(sides.head, rule), sides.weights, planned=sides.planned, bounded=not rule.is_raw
    )
    (shift,) = _turned([floor], rule)
    return Trial(rule, "floor", error, base, head, statistic=statistic, shift=shift)


def _turned(values: list[float], rule: Rule) -> list[float]:
    """The values so that more is better; scores stay in 0..1, so that binary ones stay binary."""
    if rule.higher_is_better:
        return values
    return [-value if rule.is_raw else 1 - value for value in values]


def _sides(evidence: Evidence, rule: Rule, planned: list[float] | None) -> _Sides | str:
    """Both sides by a rule's metric, or why nothing can be told of it."""
    sides = _Sides([], [], [], planned)
    for case in evidence.paired:
        base = _case_mean(case.base, rule, evidence.metrics)
        head = _case_mean(case.head, rule, evidence.metrics)
        if base is None or head is None:
            return f"not every call tells its {rule.metric}"
        sides.base.append(base)
        sides.head.append(head)
        sides.weights.append(case.case.weight)
    if not sides.weights:
        return "no case has a score on both sides"
    if rule.is_raw and len(sides.weights) == 1:
        return f"one case does not tell how much {rule.metric} varies"
    return sides


def _case_mean(outcomes: tuple[Outcome, ...], rule: Rule, metrics: tuple[str, ...]) -> float | None:
    values = [measure(outcome, rule.metric, metrics) for outcome in outcomes]
    known = [value for value in values if value is not None]
    return fmean(known) if len(known) == len(values) else None
