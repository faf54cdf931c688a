"""What a search is after: accuracy alone, or accuracy against tokens, money and time.

SAMMO (Schnabel and Neville 2024, §5.3) minimises ``1 x input + 2 x output`` tokens and calls a
candidate infinitely dear once its accuracy falls by more than .02 or fewer than .9 of its
answers can be read. Here both are said of the cases that candidate and rival share, and every
cost is a share of the rival's, so that weights mean the same for short and long prompts. Of many
candidates the cheapest that seems to lose little on a few cases loses more, so what is chosen has
to lose little with its standard error counted in; with ``caution`` 0 the mean will do, as there.
"""

from __future__ import annotations

import math
from statistics import stdev
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from landrace.schemas.base import Strict
from landrace.stats import around_weighted_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.evaluation.table import ScoreTable
    from landrace.schemas.case import Case

TIE = 1e-9  # float noise of a mean
CAUTIOUS_FROM = 16  # cases


class Figures(NamedTuple):
    """Means a case; ``parsed`` is the share of answers that had the promised form.

    Tokens are a case's, latency is in seconds, ``cost`` in US dollars or None where a price is
    unknown.
    """

    accuracy: float
    input_tokens: float
    output_tokens: float
    cost: float | None
    latency: float
    parsed: float


class Objective(Strict):
    """Weights and constraints; the value of a candidate is to be as high as can be.

    The rival is what the winner has to beat: the incumbent, or else the base.
    """

    accuracy: float = Field(default=1.0, ge=0, description="Weight of the mean score, 0 to 1.")
    tokens: float = Field(
        default=0.0, ge=0, description="Weight of the tokens a case, as a share of the rival's."
    )
    output_weight: float = Field(
        default=2.0, ge=0, description="How much dearer an output token is than an input token."
    )
    cost: float = Field(default=0.0, ge=0, description="Weight of the money, as a share.")
    latency: float = Field(default=0.0, ge=0, description="Weight of the time, as a share.")
    max_drop: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Score that a candidate may lose to the rival; null for any.",
    )
    caution: float = Field(
        default=1.0,
        ge=0,
        le=5,
        description="Standard errors of the loss that must stay within `max_drop`, too, in the "
        "end; 0 goes by the mean loss alone.",
    )
    min_parsed: float = Field(
        default=0.0, ge=0, le=1, description="Share of answers that must have the promised form."
    )

    @property
    def has_limits(self) -> bool:
        """Whether there is anything that a candidate may not do."""
        return self.max_drop is not None or self.min_parsed > 0

    def by_mean(self) -> Objective:
        """The same without caution, which would drop what a few cases cannot be sure of."""
        return self.model_copy(update={"caution": 0.0})

    def by_hope(self) -> Objective:
        """The same with the standard error counted in a candidate's favour.

        What this does not allow loses too much for certain; on a few cases, what the mean does not
        allow may have lost one of them.
        """
        return self.model_copy(update={"caution": -self.caution})

    def value(self, ours: Figures, rival: Figures) -> float:
        """Higher is better. What the rival spends nothing on is not counted."""
        return (
            self.accuracy * ours.accuracy
            - _weighted(self.tokens, self._priced(ours), self._priced(rival))
            - _weighted(self.cost, ours.cost or 0.0, rival.cost or 0.0)
            - _weighted(self.latency, ours.latency, rival.latency)
        )

    def permits(self, table: ScoreTable, digest: str, rival: str, cases: Sequence[Case]) -> bool:
        """Whether the constraints hold on cases that both have, of which there must be one.

        On fewer than `CAUTIOUS_FROM` cases the means alone count: to drop what seems to lose
        there would drop nearly everything.
        """
        if not self.has_limits:
            return True
        ours, theirs = figures(table, digest, cases), figures(table, rival, cases)
        is_cautious = self.max_drop is not None and len(cases) >= CAUTIOUS_FROM
        return self.allows(ours, theirs, noise(table, digest, rival, cases) if is_cautious else 0)

    def allows(self, ours: Figures, rival: Figures, noise: float = 0.0) -> bool:
        """Whether the constraints hold; a rival that breaks one itself need only be equalled.

        ``noise`` is the standard error of the difference in accuracy.
        """
        sure = ours.accuracy - self.caution * noise
        kept = self.max_drop is None or sure >= rival.accuracy - self.max_drop - TIE
        return kept and ours.parsed >= min(self.min_parsed, rival.parsed) - TIE

    def merit(
        self,
        table: ScoreTable,
        digest: str,
        rival: str,
        cases: Sequence[Case],
        *,
        further: Sequence[Case] = (),
    ) -> tuple[float, float]:
        """A sort key, the best lowest: those that the constraints allow, then by value.

        Both are compared on the cases that both have. Of candidates that are not allowed, the
        most accurate is first: it is the nearest to being so. ``further`` cases count for the
        constraints alone: candidates differ in which of them they have met.
        """
        shared = table.shared([digest, rival], cases)
        if not shared:
            return (2.0, 0.0)
        ours, theirs = figures(table, digest, shared), figures(table, rival, shared)
        known = [*shared, *table.shared([digest, rival], further)]
        if not self.permits(table, digest, rival, known):
            return (1.0, -round(ours.accuracy, 9))
        return (0.0, -round(self.value(ours, theirs), 9))

    def _priced(self, found: Figures) -> float:
        return found.input_tokens + self.output_weight * found.output_tokens


def figures(table: ScoreTable, digest: str, cases: Sequence[Case]) -> Figures:
    """The candidate's means on cases that it has a score for, of which there must be one."""
    outcomes = table.outcomes(digest, cases)
    count = len(outcomes)
    costs = [outcome.usage.cost_usd for outcome in outcomes]
    known = [cost for cost in costs if cost is not None]
    return Figures(
        accuracy=table.mean(digest, cases) or 0.0,
        input_tokens=sum(outcome.usage.prompt_tokens for outcome in outcomes) / count,
        output_tokens=sum(outcome.usage.completion_tokens for outcome in outcomes) / count,
        cost=sum(known) / count if len(known) == count else None,
        latency=sum(outcome.latency_s for outcome in outcomes) / count,
        parsed=sum(outcome.answer is not None for outcome in outcomes) / count,
    )


def noise(table: ScoreTable, digest: str, rival: str, cases: Sequence[Case]) -> float:
    """The standard error of the difference of two mean scores, on cases that both have."""
    if len(cases) < 2:
        return 0.0
    pairs = zip(table.scores(digest, cases), table.scores(rival, cases), strict=True)
    gaps = around_weighted_mean(
        [ours - theirs for ours, theirs in pairs], [case.weight for case in cases]
    )
    return stdev(gaps) / math.sqrt(len(gaps))


def _weighted(weight: float, ours: float, theirs: float) -> float:
    return weight * ours / theirs if weight > 0 and theirs > 0 else 0.0
