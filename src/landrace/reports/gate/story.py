"""What a gate's result says, in the order of interest; every rendering tells the same story.

Texts that quote others are returned as they are: each rendering makes them harmless its own way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.reports import figures
from landrace.schemas.gate_policy import RAW_MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.schemas.gate_report import (
        Claim,
        Drift,
        GateCell,
        GateReport,
        GateSpent,
        SuiteMeans,
    )

NAMES_SHOWN = 10
MOST_DIGITS = 4  # of points: the six that a report has


def headline(report: GateReport) -> str:
    """The run's verdict and why, as a sentence without its full stop."""
    unchanged = f"; {figures.count(report.unchanged)} unchanged" if report.unchanged else ""
    return f"{report.verdict}: {report.reason}{unchanged}"


def decisive(cell: GateCell) -> Claim | None:
    """The claim to be shown first: a blocker with the cell's verdict, or else the first."""
    blockers = [claim for claim in cell.claims if claim.severity == "blocker"]
    same = [claim for claim in blockers if claim.verdict == cell.verdict]
    return next(iter([*same, *blockers, *cell.claims]), None)


def sides(claim: Claim) -> str:
    """Both means in the metric's own unit: ``81.4 → 79.0``."""
    if claim.base is None and claim.head is None:
        return figures.UNKNOWN
    return f"{_level(claim, claim.base)} → {_level(claim, claim.head)}"


def difference(claim: Claim) -> str:
    """Head minus base with its interval, turned so that more is better."""
    if claim.difference is None or claim.low is None or claim.high is None:
        return figures.UNKNOWN
    mean, low, high = (_signed(claim, end) for end in (claim.difference, claim.low, claim.high))
    return f"{mean}{unit(claim)} [{low}, {high}]"


def evidence(claim: Claim) -> str:
    """All of a claim's numbers in a clause, or why there are none."""
    if claim.verdict == "NOT EVALUATED":
        return claim.reason
    return f"{sides(claim)}, {difference(claim)}, allowed {allowed(claim)}"


def unit(claim: Claim) -> str:
    """What follows a difference: percent for measures of calls, nothing for points."""
    return " %" if claim.metric in RAW_MEASURES and claim.kind == "drop" else ""


def name(claim: Claim) -> str:
    """The claim in a word or three; says so where less of the metric is better."""
    floor = " floor" if claim.kind == "floor" else ""
    lower = " (lower is better)" if claim.direction == "lower" else ""
    return f"{claim.metric}{floor}{lower}"


def allowed(claim: Claim) -> str:
    """How much may be lost: ``5.0``, ``10.0 %``; of a floor, where it is: ``≥ 80.0``."""
    if claim.kind == "drop":
        return f"{figures.points(claim.allowed, _digits(claim))}{unit(claim)}"
    if claim.head is None or claim.difference is None:
        return figures.UNKNOWN
    if claim.direction == "lower":
        return f"≤ {_level(claim, claim.head + claim.difference)}"
    return f"≥ {_level(claim, claim.head - claim.difference)}"


def power(claim: Claim) -> str:
    """What this eval set can tell, as a sentence without its full stop, or nothing."""
    if claim.kind == "floor" or claim.difference is None:
        return ""
    detects = (
        "no drop could fail with so few cases"
        if claim.detectable is None
        else f"detects drops from {figures.points(claim.detectable)}{unit(claim)} on"
    )
    if claim.cases_needed is None:
        return f"{figures.plural(claim.cases, 'case')}: {detects}"
    return (
        f"{figures.plural(claim.cases, 'case')}: {detects}; an unchanged prompt passes for the "
        f"allowed {allowed(claim)} with about {figures.plural(claim.cases_needed, 'case')}"
    )


def flaky(cell: GateCell) -> list[str]:
    """The ids of cases whose repeated answers scored differently."""
    return [score.case_id for score in cell.scores if score.flaky]


def worse(cell: GateCell) -> list[str]:
    """The ids of the cases on which head scores lower."""
    return [
        score.case_id
        for score in cell.scores
        if score.base is not None and score.head is not None and score.head < score.base
    ]


def named(names: Sequence[str]) -> tuple[Sequence[str], str]:
    """The first names, and what to say of the others."""
    more = len(names) - NAMES_SHOWN
    return names[:NAMES_SHOWN], f" and {figures.count(more)} more" if more > 0 else ""


def drift(value: Drift) -> list[str]:
    """What a changed suite does, a sentence a line without full stops."""
    what = " and ".join(value.changed)
    lines = [f"the {what} changed; the old suite decides: {_means(value.old)}"]
    if value.new is not None:
        lines.append(f"by the new suite: {_means(value.new)}")
    if value.regraded_before is not None and value.regraded_after is not None:
        moved = figures.signed(value.regraded_after - value.regraded_before)
        lines.append(
            f"the metric moved by {moved} on unchanged outputs of base "
            f"({figures.plural(value.regraded_cases, 'case')})"
        )
    if value.refused:
        lines.append(f"the new suite was not run: {value.refused}")
    return lines


def looks(cell: GateCell) -> str:
    """How much was asked, as a clause: ``98 of 196 cases, look 1 of 2``."""
    if not cell.cases:
        return "no case was compared"
    repeats = f" with {cell.repeats} answers each" if cell.repeats > 1 else ""
    return (
        f"{figures.count(cell.scored)} of {figures.plural(cell.cases, 'case')}{repeats}, "
        f"look {cell.looks} of {cell.looks_planned}"
    )


def spent(value: GateSpent) -> str:
    """The spending in a sentence without its full stop."""
    cost = "cost unknown" if value.cost_usd is None else figures.dollars(value.cost_usd)
    return (
        f"{figures.plural(value.calls, 'call')}, "
        f"{figures.count(value.prompt_tokens + value.completion_tokens)} tokens, {cost}; "
        f"{figures.plural(value.reused, 'answer')} out of the ledger"
    )


def _signed(claim: Claim, value: float) -> str:
    """A difference; that of a measure from its floor is in the measure's own unit."""
    if claim.kind == "drop" or claim.metric not in RAW_MEASURES:
        return figures.signed(value, _digits(claim))
    sign = "+" if value > 0 else "-" if value < 0 else ""
    return sign + _level(claim, abs(value))


def _digits(claim: Claim) -> int:
    """How many decimals it takes to see on which side of the margin an interval lies; mostly one.

    Else "-5.0, and 5.0 may be lost" would be a pass of -4.96 and a failure of -5.04.
    """
    end = claim.low if claim.verdict == "PASS" else claim.high
    if end is None or claim.verdict not in {"PASS", "FAIL"}:
        return 1
    digits = range(1, MOST_DIGITS)
    differing = (n for n in digits if round(100 * end, n) != round(-100 * claim.allowed, n))
    return next(differing, MOST_DIGITS)


def _level(claim: Claim, value: float | None) -> str:
    if value is None:
        return figures.UNKNOWN
    if claim.metric == "cost_usd":
        return figures.dollars(value)
    if claim.metric == "latency_s":
        return f"{value:.2f} s"
    return figures.mean_count(value) if claim.metric in RAW_MEASURES else figures.points(value)


def _means(value: SuiteMeans) -> str:
    base = figures.UNKNOWN if value.base is None else figures.points(value.base)
    head = figures.UNKNOWN if value.head is None else figures.points(value.head)
    return f"{base} → {head} on {figures.plural(value.cases, 'case')}"
