"""The options of SIMBA; the defaults are DSPy's but where said."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``simba``."""

    batch: int = Field(
        default=32,
        ge=2,
        le=500,
        description="Search cases of a step, the same for all of its candidates; fewer where the "
        "budget would not carry three steps.",
    )
    candidates: int = Field(
        default=6,
        ge=1,
        le=32,
        description="Runs of each case before it is learned from; a step makes one candidate "
        "more than that. Fewer where the budget would not carry three steps.",
    )
    steps: int = Field(default=8, ge=1, le=100, description="Most steps.")
    max_demos: int = Field(
        default=4,
        ge=0,
        le=32,
        description="Most examples in a node of a new candidate; about one in so many is dropped "
        "before the next comes. 0 for rules alone.",
    )
    spread: Literal["candidates", "repeats"] = Field(
        default="candidates",
        description="Where runs of one case differ: `candidates` runs each of those drawn once, "
        "as it would be served, so every run counts as a score, too; with `repeats`, as in DSPy, "
        "further draws of the same run at temperature 1, as they do where there is nobody else.",
    )
    draw: float = Field(
        default=0.2,
        gt=0,
        le=10,
        description="Temperature of the softmax by which candidates are drawn for runs and as "
        "parents, in units of the score.",
    )
