"""What a pull request's run says of each cell; every rendering tells the same story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from landrace.reports import figures, story
from landrace.reports.gate.story import decisive, difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landrace.schemas.gate_report import GateCell
    from landrace.schemas.pull_request import Plan, PullRequestReport
    from landrace.schemas.report import Report

_WORST_FIRST = ("FAIL", "NOT EVALUATED", "INCONCLUSIVE", "PASS")


class Row(NamedTuple):
    """A cell that was judged, or searched, or both."""

    prompt: str
    model: str
    gate: GateCell | None
    search: Report | None

    @property
    def verdict(self) -> str:
        """The gate's. What it has nothing to say of is kept as it was, or new."""
        if self.gate is not None:
            return self.gate.verdict
        known = self.search is not None and story.has_incumbent(self.search)
        return "kept" if known else "new"

    @property
    def course(self) -> str:
        """The scores of base, incumbent and winner, on the holdout where it was looked at."""
        if self.search is None:
            return figures.UNKNOWN
        return f"{_course(self.search)}{' on select' if self.is_on_select else ''}"

    @property
    def is_on_select(self) -> bool:
        """Whether the course is by the cases that the search chose by."""
        return self.search is not None and not _was_looked_at(self.search)

    @property
    def gain(self) -> str:
        """What the search's winner is ahead of what was served, with its interval."""
        found = story.decisive(self.search) if self.search else None
        if found is None:
            return figures.UNKNOWN
        return f"{figures.signed(found.difference)} {figures.signed_interval(found)}"

    @property
    def served(self) -> str:
        """Head minus base of what applications are served, with its interval over all looks."""
        claim = decisive(self.gate) if self.gate else None
        if claim is not None:
            return difference(claim)
        # A pass without a claim: the model is asked the same on both sides.
        same = self.gate is not None and self.gate.verdict == "PASS" and not self.gate.claims
        return "as before" if same or self.verdict == "kept" else figures.UNKNOWN

    @property
    def cost(self) -> str:
        """Of the search."""
        if self.search is None:
            return figures.UNKNOWN
        spent = self.search.spent
        price = "" if spent.cost_usd is None else f", {figures.dollars(spent.cost_usd)}"
        return f"{figures.plural(spent.calls, 'call')}{price}"


def rows(report: PullRequestReport) -> list[Row]:
    """Every cell once: the judged ones first, the worst of them first of all."""
    searched = (*report.searches, *report.uncommitted)
    searches = {(found.prompt, found.model): found for found in searched}
    judged = sorted(report.gate.cells, key=lambda cell: _WORST_FIRST.index(cell.verdict))
    found = [
        Row(cell.prompt, cell.model, cell, searches.pop((cell.prompt, cell.model), None))
        for cell in judged
    ]
    return found + [Row(*name, None, search) for name, search in searches.items()]


def news(report: PullRequestReport) -> Iterator[str]:
    """What became of the searches, good news of an unchanged pin among it; whole sentences."""
    pinned, found = (
        [_outcome(search) for search in searches]
        for searches in (report.searches, report.uncommitted)
    )
    if promoted := pinned.count("promoted"):
        yield f"🌱 {figures.plural(promoted, 'better variant')} pinned."
    if as_written := pinned.count("as written"):
        cells = figures.plural(as_written, "cell")
        yield f"🌱 The template as written is pinned for {cells}: nothing that was found beats it."
    if promoted := found.count("promoted"):
        yield f"🌱 {figures.plural(promoted, 'better variant')} found, and not committed."
    if as_written := found.count("as written"):
        cells = figures.plural(as_written, "cell")
        yield f"🌱 Nothing found beats the template as written for {cells}; no pin is committed."
    if kept := (*pinned, *found).count("kept"):
        cells = figures.plural(kept, "cell")
        yield f"👍 What was served is kept for {cells}: nothing that was found beats it."


def _outcome(search: Report) -> Literal["promoted", "kept", "as written"]:
    if search.decision == "promoted":
        return "promoted"
    return "kept" if story.has_incumbent(search) else "as written"


def not_done(plan: Plan | None) -> str:
    """Why planned work is not done, as a sentence without its full stop, or nothing."""
    return plan.why_not if plan is not None and plan.work else ""


def ceilings(plan: Plan) -> str:
    """What the whole plan takes at most, as a sentence without its full stop."""
    known = [work for work in plan.work if work.calls is not None]
    if not known:
        return "None of it can be done as it is"
    calls = figures.plural(sum(work.calls or 0 for work in known), "call")
    costs = [work.cost_usd for work in known]
    price = figures.dollars(sum(cost or 0.0 for cost in costs))
    if None in costs:
        price = "an unknown price"
    return f"At most {calls}, for {price}; these ceilings are kept"


def _course(found: Report) -> str:
    known = [story.contender(found, role) for role in ("base", "incumbent", "winner")]
    shown = [one for one in known if one is not None]
    estimates = [one.holdout if _was_looked_at(found) else one.select for one in shown]
    means = [figures.UNKNOWN if one is None else figures.points(one.mean) for one in estimates]
    return " → ".join(means)


def _was_looked_at(found: Report) -> bool:
    return any(one.holdout is not None for one in found.contenders)
