"""Scores and the outcomes they belong to. Plain dataclasses: an eval makes 100,000 of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landrace.program import Step


@dataclass(frozen=True, slots=True)
class Score:
    """A metric's word on one answer.

    ``value`` is in 0..1, higher is better. ``feedback`` says in a sentence what was wrong
    or right, so that an optimizer can act on it. ``parts`` holds the components of a
    combined score by metric name.
    """

    value: float
    feedback: str = ""
    parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call took. ``cost_usd`` is None where no price is known."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: Usage) -> Usage:
        costs = (self.cost_usd, other.cost_usd)
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            None if None in costs else sum(cost or 0.0 for cost in costs),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """One candidate on one case: an output and its score, or why there is none.

    ``score`` is None exactly when the call failed for good; such a cell is missing, never 0.
    ``is_refused`` if it was no outage that failed it: the same call would fail again. ``is_unfit``
    if every call of the candidate would, because its model does not take its parameters.
    ``trace`` has the steps of a program; of a plain prompt the outcome itself says it all.
    ``asked`` are the calls that were answered, by their keys in the ledger; without one, by the
    digests of their requests. ``is_cut`` is whether a limit on tokens ended ``output``.
    """

    candidate: str
    case_id: str
    repeat: int
    output: str | None
    answer: Any
    score: Score | None
    usage: Usage
    latency_s: float
    error: str | None = None
    is_refused: bool = False
    is_unfit: bool = False
    trace: tuple[Step, ...] = ()
    asked: tuple[str, ...] = ()
    is_cut: bool = False
