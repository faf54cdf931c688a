"""From trials to claims with verdicts.

A claim passes when the interval of its difference lies above what the policy allows to be
lost (non-inferiority), and fails when it lies below; else it is inconclusive. So a pass or a
failure is where the interval lies, and cannot contradict it.

To fail, the interval is widened by Holm's step-down over all claims of the run (Holm 1979,
Scand. J. Stat. 6:65): the chance that any claim fails whose true drop is allowed is at most
the chance of error, however many cells there are. To pass needs no such correction: a run
passes only if all of its claims do, and each of those errs with its own chance at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.schemas.gate_report import Claim, Verdict
from landrace.stats import Pairs
from landrace.stats.power import cases_needed, detectable_drop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.gate.trials import Trial


class Judged(NamedTuple):
    """Claims in the order of the trials, and how many of the run's have not failed yet."""

    claims: tuple[Claim, ...]
    remaining: int


def judge(trials: Sequence[Trial], remaining: int) -> Judged:
    """Decide what can be decided now.

    ``remaining`` is the number of claims of the whole run that have not failed before this
    look; at least the number of the trials.
    """
    failed: set[int] = set()
    while newly := {
        index
        for index, trial in enumerate(trials)
        if index not in failed and _lies_below(trial, remaining)
    }:
        failed |= newly
        remaining = max(1, remaining - len(newly))
    claims = (_claim(trial, index in failed, remaining) for index, trial in enumerate(trials))
    return Judged(tuple(claims), remaining)


def _lies_below(trial: Trial, remaining: int) -> bool:
    if trial.statistic is None:
        return False
    return trial.interval(trial.error / remaining).high < -trial.allowed


def _claim(trial: Trial, failed: bool, remaining: int) -> Claim:  # noqa: FBT001 - private
    rule = trial.rule
    if trial.statistic is None:
        return _claim_of_nothing(trial)
    interval = trial.interval(trial.error)
    fail_high = trial.interval(trial.error / remaining).high
    verdict = _verdict(interval.low, trial.allowed, failed=failed)
    pairs = trial.statistic if isinstance(trial.statistic, Pairs) else None
    return Claim(
        metric=rule.metric,
        kind=trial.kind,
        severity=rule.severity,
        direction="higher" if rule.higher_is_better else "lower",
        verdict=verdict,
        reason=_reason(trial, verdict, interval.high, fail_high),
        base=_round(trial.base, trial.digits),
        head=_round(trial.head, trial.digits),
        allowed=trial.allowed,
        difference=interval.mean,
        low=interval.low,
        high=interval.high,
        fail_high=fail_high,
        p=_round(pairs.p) if pairs else None,
        cases=trial.statistic.size,
        wins=pairs.wins if pairs else 0,
        losses=pairs.losses if pairs else 0,
        ties=pairs.ties if pairs else 0,
        method=trial.statistic.method,
        detectable=_detectable(trial, pairs, remaining),
        cases_needed=_needed(trial, pairs),
    )


def _verdict(low: float, allowed: float, *, failed: bool) -> Verdict:
    if failed:
        return "FAIL"
    return "PASS" if low > -allowed else "INCONCLUSIVE"


def _reason(trial: Trial, verdict: Verdict, high: float, fail_high: float) -> str:
    margin = "the floor" if trial.kind == "floor" else "what may be lost"
    if verdict == "PASS":
        return f"the interval lies above {margin}"
    if verdict == "FAIL":
        return f"the interval lies below {margin}"
    if high < -trial.allowed <= fail_high:
        return f"the interval lies below {margin}, but not once all claims are tested"
    if trial.kind == "floor":
        return "the interval holds the floor"
    return "the interval holds both what may be lost and what may not"


def _detectable(trial: Trial, pairs: Pairs | None, remaining: int) -> float | None:
    if pairs is None:
        return None
    return _round(
        detectable_drop(
            cases=pairs.size,
            noise=pairs.noise,
            allowed=trial.allowed,
            error=trial.error / remaining,
            binary=pairs.binary,
            bounded=pairs.bounded,
            weights=pairs.weights,
        )
    )


def _needed(trial: Trial, pairs: Pairs | None) -> int | None:
    if pairs is None:
        return None
    return cases_needed(
        noise=pairs.noise,
        allowed=trial.allowed,
        error=trial.error,
        binary=pairs.binary,
        bounded=pairs.bounded,
        weights=pairs.weights,
    )


def _claim_of_nothing(trial: Trial) -> Claim:
    rule = trial.rule
    return Claim(
        metric=rule.metric,
        kind=trial.kind,
        severity=rule.severity,
        direction="higher" if rule.higher_is_better else "lower",
        verdict="NOT EVALUATED",
        reason=trial.problem,
        base=None,
        head=None,
        allowed=trial.allowed,
        difference=None,
        low=None,
        high=None,
        fail_high=None,
        p=None,
        cases=0,
        wins=0,
        losses=0,
        ties=0,
        method="",
        detectable=None,
        cases_needed=None,
    )


def _round(value: float | None, digits: int = 6) -> float | None:
    return None if value is None else round(value, digits)
