"""The options of the strategy; the defaults are the paper's (§5.1) but for `cases`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from landrace.optimizers.slots.placement import Place
from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``opro``; the defaults are the paper's (§5.1) but for `cases`."""

    steps: int = Field(default=200, ge=1, le=1000, description="Steps, as far as runs suffice.")
    proposals: int = Field(default=8, ge=1, le=64, description="Proposals of a step.")
    history: int = Field(default=20, ge=1, le=100, description="Instructions that are shown.")
    hidden_below: float = Field(
        default=0.3, ge=0, le=1, description="Instructions with a lower score are not shown."
    )
    examples: int = Field(default=3, ge=0, le=16, description="Examples that are shown.")
    policy: Literal["random", "constant", "accumulating", "most often wrong"] = Field(
        default="random",
        description="Which examples: others in each step, always the same, those that all "
        "best candidates so far most often got wrong, or those of them that are shown.",
    )
    position: Place = Field(
        default="before",
        description="Where the instruction stands: before or after the input, "
        "or at the start of the answer.",
    )
    cases: int = Field(
        default=50,
        ge=1,
        le=1000,
        description="Most select cases that a proposal is scored on, always the same. The paper "
        "has a share of its training set instead.",
    )
    max_characters: int = Field(
        default=500,
        ge=20,
        le=1500,
        description="Longest proposal. An answer to the question has no room for more than about "
        "1,500 characters.",
    )
    skip_digits: bool = Field(
        default=False, description="Skip proposals with digits, which may give away answers."
    )


def watches(options: Options) -> bool:
    """Whether the policy needs to know what candidates get wrong."""
    return options.policy in {"accumulating", "most often wrong"}
