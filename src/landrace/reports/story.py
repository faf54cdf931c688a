"""What a report says, in the order of interest; every rendering tells the same story."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.reports import figures
from landrace.reports.break_even import break_even

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.schemas.report import Comparison, Contender, Finalist, Flip, Report

LOOKS_BEFORE_WARNING = 3
FLIPS_SHOWN = 10
SAMPLES_ON_A_PAGE = 50  # of HTML, for each report: texts can be long, and few read more
FINALISTS = "The best of the search"
FINALISTS_NOTE = (
    "Scored on the same select cases, on which the winner was chosen among them: the higher a "
    "score stands here, the more luck is in it."
)


class SampleFlip(NamedTuple):
    """A flipped case with its texts, which may be private: for local viewing, never committed."""

    case_id: str
    input: str
    expected: str
    base_output: str
    winner_output: str
    feedback: str


class Headline(NamedTuple):
    """``evidence`` and ``served`` are our own words; ``reason`` may quote others: neutralise it."""

    verdict: str
    evidence: str
    reason: str
    served: str  # what the decision makes of what applications get, a sentence; or nothing


class Progress(NamedTuple):
    """The best score (0..1) that a search had after so many calls."""

    stage: str
    calls: int
    best: float


def headline(report: Report) -> Headline:
    """What happened, and why."""
    comparison = decisive(report)
    evidence = ""
    if comparison is not None:
        lead = "" if report.decision == "promoted" else "the winner of the search is at "
        evidence = (
            f"{lead}{figures.signed(comparison.difference)} points "
            f"{figures.signed_interval(comparison)} against the {comparison.against} "
            f"on {figures.plural(cases_compared(comparison), 'held-out case')}"
        )
    return Headline(_verdict(report), evidence, report.reason.strip().rstrip("."), _served(report))


def decisive(report: Report) -> Comparison | None:
    """The comparison that the decision rests on: with the incumbent, where there is one."""
    by_side = {comparison.against: comparison for comparison in report.comparisons}
    return by_side.get("incumbent") or by_side.get("base")


def cases_compared(comparison: Comparison) -> int:
    return comparison.wins + comparison.losses + comparison.ties


def contender(report: Report, role: str) -> Contender | None:
    return next((c for c in report.contenders if c.role == role), None)


def has_incumbent(report: Report) -> bool:
    """Whether something was pinned before; else what is pinned without a winner is the base."""
    return contender(report, "incumbent") is not None


def title(report: Report, one: Contender) -> str:
    """How a column about a contender is headed; a search may find nothing better than it had."""
    if one.role != "winner":
        return one.role
    same = [o.role for o in report.contenders if o.role != one.role and o.digest == one.digest]
    return f"winner (the {same[-1]} itself)" if same else "winner"


def place(report: Report, one: Finalist) -> str:
    """The role of a finalist that is one of the contenders, the winner first; or else nothing."""
    roles = [c.role for c in report.contenders if c.digest == one.digest]
    return roles[-1] if roles else ""


def has_unread(report: Report) -> bool:
    """Whether some answer of a contender could not be read; few reports need a row for it."""
    return any(one.unread for one in report.contenders)


def warnings(report: Report) -> list[str]:
    """What a reader should hold against the numbers; sentences in our own words."""
    return list(_warnings(report))


def inflation(report: Report) -> str:
    """How far the winner fell from select to holdout and why, without its last full stop."""
    if report.inflation is None:
        return ""
    return (
        f"Inflation {figures.signed(report.inflation)}: the winner's score on select minus its "
        f"score on holdout{_source_of(report.inflation, base_gap(report))}"
    )


def base_gap(report: Report) -> float | None:
    """The base's score on select minus that on holdout: of it, no choosing on select is part."""
    base = contender(report, "base")
    if base is None or base.select is None or base.holdout is None:
        return None
    return base.select.mean - base.holdout.mean


def _source_of(inflation: float, gap: float | None) -> str:
    if gap is None:
        return (
            ", which is what choosing among many candidates adds by luck, and what a harder "
            "or easier holdout does"
        )
    luck = round(inflation - gap, 3)
    if luck > 0:
        found = f"choosing among many candidates added about {figures.signed(luck)} by luck"
    elif gap > 0:
        found = "the holdout is harder, and no luck of choosing shows"
    else:
        found = "no luck of choosing shows"
    return (
        f". The base, chosen by nobody, has {figures.signed(gap)} between the same splits: {found}"
    )


def looks(report: Report) -> str:
    """How often decisions have used this holdout, as a sentence without its full stop."""
    if report.holdout_looks == 0:
        return "The holdout has not been looked at"
    times = "once" if report.holdout_looks == 1 else f"{report.holdout_looks} times"
    return f"The holdout has been looked at {times} so far"


def won(report: Report) -> list[Flip]:
    """The cases that the winner solves better than the base, the largest gain first."""
    return _by_size([flip for flip in report.flips if flip.winner > flip.base])


def lost(report: Report) -> list[Flip]:
    """The cases that the winner solves worse than the base, the largest loss first."""
    return _by_size([flip for flip in report.flips if flip.winner < flip.base])


def progress(report: Report) -> list[Progress]:
    """The search's course: a point for each stage that had a best score by its end."""
    calls, points = 0, []
    for stage in report.stages:
        calls += stage.calls
        if stage.best is not None:
            points.append(Progress(stage.name, calls, stage.best))
    return points


def tokens_a_call(value: Contender | None) -> float | None:
    """Prompt and completion tokens of a mean call, where both are known."""
    if value is None or value.prompt_tokens is None or value.completion_tokens is None:
        return None
    return value.prompt_tokens + value.completion_tokens


def spent(report: Report) -> str:
    """The whole study's spending in a sentence without its full stop."""
    spent = report.spent
    calls = figures.plural(spent.calls, "call")
    notes = [
        f"{figures.count(spent.proposer_calls)} of them to the proposer",
        f"{figures.count(spent.failed_calls)} failed",
    ]
    due = break_even(report)
    paid = (
        ""
        if due is None
        else f"; what the winner saves pays for it after {figures.plural(due, 'call')}"
    )
    return (
        f"{calls} ({', '.join(notes)}; coverage {figures.share(spent.coverage)}), "
        f"{figures.count(spent.prompt_tokens)} prompt and "
        f"{figures.count(spent.completion_tokens)} completion tokens, "
        f"{'cost unknown' if spent.cost_usd is None else figures.dollars(spent.cost_usd)}"
        f"{paid}"
    )


def _verdict(report: Report) -> str:
    if report.decision == "promoted":
        return "Promoted"
    return "Kept the incumbent" if has_incumbent(report) else "Kept the base"


def _served(report: Report) -> str:
    if report.decision == "promoted":
        return ""
    if has_incumbent(report):
        return "What is served stays as it is."
    return "The prompt is pinned as it is written."


def _by_size(flips: list[Flip]) -> list[Flip]:
    return sorted(flips, key=lambda flip: (-abs(flip.winner - flip.base), flip.case_id))


def _warnings(report: Report) -> Iterator[str]:
    if report.holdout_looks > LOOKS_BEFORE_WARNING:
        yield (
            f"The holdout has been looked at {report.holdout_looks} times. Each look tells the "
            "next choice a little about it, so its scores flatter by now: draw the "
            "splits anew with another seed, best with fresh cases among them"
        )
    for one in report.contenders:
        if one.holdout is not None and one.holdout.coverage < 1:
            yield (
                f"Only {figures.share(one.holdout.coverage)} of the holdout cases have a score for "
                f"the {one.role}. A missing score is left out, never counted as zero"
            )
    if not report.comparisons and _found_another(report):
        yield "Nothing was compared on the holdout, and scores on select alone are no proof"


def _found_another(report: Report) -> bool:
    """Whether the search found a variant other than those it began with."""
    winner = contender(report, "winner")
    known = {one.digest for one in report.contenders if one.role != "winner"}
    return winner is not None and winner.digest not in known
