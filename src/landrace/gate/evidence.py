"""What is known about one cell: both sides' answers to the same cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landrace.schemas.gate_policy import COMBINED
from landrace.stats.interval import TIE

if TYPE_CHECKING:
    from landrace.schemas.case import Case
    from landrace.schemas.score import Outcome


class CaseEvidence(NamedTuple):
    """One case with the answers of either side that have a score, one for each repeat."""

    case: Case
    base: tuple[Outcome, ...]
    head: tuple[Outcome, ...]

    @property
    def is_paired(self) -> bool:
        return bool(self.base and self.head)

    @property
    def is_flaky(self) -> bool:
        """Whether answers of one side to this very case scored differently."""
        return any(_differ([_score(o) for o in side]) for side in (self.base, self.head))

    @property
    def is_critical(self) -> bool:
        """Marked by ``"metadata": {"critical": true}``."""
        return self.case.metadata.get("critical") is True


class Evidence(NamedTuple):
    """A cell's cases in their shared order; ``metrics`` are the names of the prompt's metrics."""

    cases: tuple[CaseEvidence, ...]
    metrics: tuple[str, ...]

    @property
    def paired(self) -> tuple[CaseEvidence, ...]:
        return tuple(case for case in self.cases if case.is_paired)

    @property
    def coverage(self) -> float:
        """The share of the cases on which both sides have a score; 1 without cases."""
        return len(self.paired) / len(self.cases) if self.cases else 1.0


def measure(outcome: Outcome, metric: str, metrics: tuple[str, ...]) -> float | None:
    """A scored outcome by a rule's metric; None where it is not known.

    Raises:
        KeyError: the prompt has no such metric.
    """
    score, usage = outcome.score, outcome.usage
    assert score is not None
    raw = {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.cost_usd,
        "latency_s": outcome.latency_s,
    }
    if metric in raw:
        return raw[metric]
    if metric == COMBINED or (not score.parts and metrics == (metric,)):
        return score.value
    return score.parts[metric]


def tags_of(case: Case) -> tuple[str, ...]:
    """The texts in ``"metadata": {"tags": [...]}``."""
    tags = case.metadata.get("tags")
    if not isinstance(tags, list):
        return ()
    return tuple(dict.fromkeys(tag for tag in tags if isinstance(tag, str)))


def side_mean(outcomes: tuple[Outcome, ...]) -> float | None:
    """The mean combined score of one side on one case; None without a score."""
    scores = [_score(outcome) for outcome in outcomes]
    return sum(scores) / len(scores) if scores else None


def _differ(scores: list[float]) -> bool:
    return max(scores, default=0.0) - min(scores, default=0.0) > TIE


def _score(outcome: Outcome) -> float:
    assert outcome.score is not None
    return outcome.score.value
