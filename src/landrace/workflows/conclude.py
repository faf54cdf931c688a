"""From a finished search to a decision: estimates, the one look at the holdout, promotion."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace import stats
from landrace.schemas.report import Comparison, Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from landrace.evaluation.table import ScoreTable
    from landrace.schemas.case import Case
    from landrace.schemas.pipeline import Policy


class Decision(NamedTuple):
    """Whether the winner is promoted, and why in a sentence."""

    promoted: bool
    reason: str


def estimate(
    table: ScoreTable, digest: str, cases: Sequence[Case], confidence: float
) -> Estimate | None:
    """A variant's mean on the cases that have a score; None without any."""
    scored = table.shared([digest], cases)
    if not scored:
        return None
    weights = [case.weight for case in scored]
    interval = stats.mean_interval(table.scores(digest, scored), confidence, weights)
    return Estimate(
        mean=_round(interval.mean),
        low=_round(interval.low),
        high=_round(interval.high),
        n=len(scored),
        coverage=_round(len(scored) / len(cases)),
    )


def compare(
    table: ScoreTable,
    winner: str,
    rival: str,
    cases: Sequence[Case],
    *,
    against: Literal["base", "incumbent"],
    confidence: float,
) -> Comparison | None:
    """Winner minus rival on the cases on which both have a score; None without any."""
    shared = table.shared([winner, rival], cases)
    if not shared:
        return None
    weights = [case.weight for case in shared]
    result = stats.paired(
        table.scores(winner, shared), table.scores(rival, shared), confidence, weights
    )
    return Comparison(
        against=against,
        difference=_round(result.difference),
        low=_round(result.low),
        high=_round(result.high),
        p=_round(result.p),
        wins=result.wins,
        losses=result.losses,
        ties=result.ties,
        method=result.method,
    )


def decide(comparison: Comparison, saving: float, policy: Policy, *, coverage: float) -> Decision:
    """Promotion is a claim, so it needs the lower bound of the paired difference.

    ``saving`` is the share of prompt tokens that the winner saves; negative when it takes more.
    """
    against = _against(saving, policy, coverage)
    if against:
        return Decision(promoted=False, reason=against)
    interval = f"on the holdout the {100 * policy.confidence:g} % interval"
    # A bootstrap interval of a few wins among many ties is too narrow; the exact test is not.
    if comparison.low > 0 and comparison.p <= 1 - policy.confidence:
        return Decision(promoted=True, reason=f"{interval} of the difference is above zero")
    if policy.margin > 0 and saving >= policy.min_saving:
        return _cheaper(comparison, saving, policy, interval)
    if comparison.low > 0:
        reason = f"on the holdout too few cases differ to tell (p {comparison.p:.2f})"
        return Decision(promoted=False, reason=reason)
    where = "reaches zero" if comparison.high >= 0 else "is below zero"
    return Decision(promoted=False, reason=f"{interval} of the difference {where}")


def _against(saving: float, policy: Policy, coverage: float) -> str:
    """What speaks against a promotion whatever the scores, or nothing."""
    if coverage < policy.min_coverage:
        return (
            f"only {coverage:.0%} of the holdout calls were answered; "
            f"the policy asks for {policy.min_coverage:.0%}"
        )
    growth = 1 - saving
    if policy.max_growth is not None and growth > policy.max_growth:
        return (
            f"it takes {growth:.2f} times the prompt tokens a call; "
            f"the policy allows {policy.max_growth:g}"
        )
    return ""


def _cheaper(comparison: Comparison, saving: float, policy: Policy, interval: str) -> Decision:
    """Of a winner that is not proved better, but saves what the policy asks for."""
    is_within = comparison.low > -policy.margin
    where = "and {} stays within" if is_within else "but {} goes beyond"
    reason = (
        f"{saving:.0%} fewer prompt tokens a call, {where.format(interval)} "
        f"the margin of {100 * policy.margin:g} points"
    )
    return Decision(promoted=is_within, reason=reason)


def _round(value: float) -> float:
    """Six digits: more are noise, and fewer bytes change when nothing did."""
    return round(value, 6)
