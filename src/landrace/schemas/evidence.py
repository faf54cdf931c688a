"""``registry/<prompt>/<model>/evidence.json``: what the gate's verdict on a pin rests on.

It holds scores and no texts: cases and outputs can be private. With base's cases and policy the
verdict is computed anew from it, so that no file of a pull request can claim one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from landrace.schemas.base import Strict
from landrace.schemas.gate_report import Drift

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


class RecordedAnswer(Strict):
    """The score of one answer; ``parts`` by metric where several are combined.

    ``case`` is the id in base's eval set, ``side`` whose variant answered. What the call took
    stands here only where a rule of the policy is about it.
    """

    side: Literal["base", "head"]
    case: str
    repeat: Count = 0
    score: Share
    parts: dict[str, Share] = Field(default_factory=dict)
    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    cost_usd: Amount | None = None
    latency_s: Amount = 0.0


class Transfer(Strict):
    """The mean score of this pin's variant on the holdout when another model is asked."""

    model: str
    score: Share
    cases: Count


class Evidence(Strict):
    """The evidence for one pin.

    ``inputs`` names the SHA-256 of everything that went into it; ``digest`` is the hash of
    them all, so that two pull requests with the same inputs have the same evidence. ``variant``
    is the version that is served. ``files`` has the hashes of what stands beside: the pin, its
    template, and the report of its search. ``looks`` were taken; without answers there was
    nothing to compare.
    """

    schema_version: Literal[1] = 1
    prompt: str
    model: str
    inputs: dict[str, Sha256]
    digest: Sha256
    variant: Sha256
    files: dict[FileName, Sha256]
    looks: Count
    answers: tuple[RecordedAnswer, ...]
    drift: Drift | None
    transfer: tuple[Transfer, ...] = ()
