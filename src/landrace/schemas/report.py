"""``registry/<prompt>/<model>/report.json``: the data of a score report.

No clock time stands in it, so the same decisions give the same bytes. Raw outputs are not
in it either: cases and outputs can be private, and a registry is often public.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from landrace.schemas.base import Strict


class Estimate(Strict):
    """A mean with its interval at the policy's confidence. ``n`` counts scored cases."""

    mean: float
    low: float
    high: float
    n: int
    coverage: float


class Contender(Strict):
    """One of the compared variants. ``operator`` names the edits that made it, the last one last.
    Tokens and cost are means a call on the holdout, or on select where the holdout was not looked
    at; ``unread`` counts the scored answers there that could not be read, and is missing where a
    report is older than the count. ``digest`` is the candidate's in the ledger; ``variant`` is what
    a pin, `history` and the loader call it, missing in old reports.
    """

    role: Literal["base", "incumbent", "winner"]
    digest: str
    operator: str
    select: Estimate | None
    holdout: Estimate | None
    prompt_tokens: float | None
    completion_tokens: float | None
    cost_usd: float | None
    unread: int | None = Field(default=None, ge=0)
    variant: str | None = None

    @property
    def version(self) -> str:
        """What to look it up by: in pins, as short as `history` has it, where that is known."""
        return self.variant[:12] if self.variant else self.digest

    @model_serializer(mode="wrap")
    def _said(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Of what it did not say when it was written, a report keeps the bytes that it had."""
        members: dict[str, Any] = whole(self)
        later = {"unread", "variant"}
        return {
            name: value for name, value in members.items() if name not in later or value is not None
        }


class Comparison(Strict):
    """Winner minus ``against`` on the same holdout cases, paired."""

    against: Literal["base", "incumbent"]
    difference: float
    low: float
    high: float
    p: float
    wins: int
    losses: int
    ties: int
    method: str


class Stage(Strict):
    """One stage of the search: what it tried, what it spent, the best it had by its end."""

    name: str
    note: str
    candidates: int
    calls: int
    tokens: int
    best: float | None
    cases: int


class Finalist(Strict):
    """A candidate that was scored on all of `select`. Tokens are means a call there; ``digest``,
    ``operator`` and ``variant`` are as in `Contender`.
    """

    digest: str
    variant: str
    operator: str
    select: Estimate
    prompt_tokens: float | None
    completion_tokens: float | None

    @property
    def version(self) -> str:
        """What to look it up by, as short as `history` has it."""
        return self.variant[:12]


class Flip(Strict):
    """A holdout case on which winner and base differ."""

    case_id: str
    base: float
    winner: float


class Spent(Strict):
    """What the whole study took; calls failed for good are counted, too."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    proposer_calls: int
    failed_calls: int
    coverage: float


class TrainedFrom(Strict):
    """What `landrace train` made the model of, in which round from 1."""

    model: str
    round: int


class Report(Strict):
    """What a study found. ``finalists`` are its best by the score on `select`, the best first;
    reports that are older than the list have none.
    """

    schema_version: Literal[1] = 1
    prompt: str
    model: str
    params: dict[str, Any]
    strategy: str
    seed: int
    proposer: str | None
    proposer_note: str
    decision: Literal["promoted", "kept incumbent"]
    reason: str
    confidence: float
    metrics: str
    splits: dict[str, int]
    contenders: tuple[Contender, ...]
    comparisons: tuple[Comparison, ...]
    inflation: float | None
    holdout_looks: int
    stages: tuple[Stage, ...]
    finalists: tuple[Finalist, ...] = ()
    flips: tuple[Flip, ...]
    spent: Spent
    diff: str
    training: TrainedFrom | None = None

    @model_serializer(mode="wrap")
    def _said(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Of a model that nothing was trained for, and without finalists, it keeps its bytes."""
        members: dict[str, Any] = whole(self)
        later = {"training", "finalists"}
        return {name: value for name, value in members.items() if name not in later or value}
