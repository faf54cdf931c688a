"""The options of the strategy; the defaults are the paper's (§4) but for `allocation`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from landrace.optimizers.proposing.reading import MAX_WORDS
from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``pe2``; the defaults are the paper's (§4) but for `allocation`."""

    steps: int = Field(default=3, ge=1, le=50, description="Steps, as far as runs suffice.")
    parents: int = Field(default=4, ge=1, le=32, description="Prompts that a step goes on from.")
    proposals: int = Field(
        default=4,
        ge=1,
        le=32,
        description="Proposals for each of them; of fewer prompts than `parents` more each.",
    )
    initial: int = Field(
        default=30,
        ge=0,
        le=200,
        description="First guesses from examples, as in APE; none where runs suffice for one step.",
    )
    batch: int = Field(default=2, ge=1, le=16, description="Examples of a proposal.")
    max_words: int = Field(
        default=50,
        ge=5,
        le=MAX_WORDS,
        description="Longest instruction, unless it was longer before. An answer to the question "
        "has no room for more than 300 words.",
    )
    backtracking: bool = Field(
        default=True, description="Go on from the best of all steps, not of the last."
    )
    hard_negatives: bool = Field(
        default=True, description="Show what went wrong instead of any examples."
    )
    task_description: bool = Field(default=True, description="Explain the task in two steps.")
    layout_statement: bool = Field(default=True, description="Say where the prompt stands.")
    reasoning: bool = Field(
        default=True, description="Have each example examined first; one more question a proposal."
    )
    allocation: Literal["halving", "full"] = Field(
        default="halving",
        description="Who is scored on how many select cases. `full`, as in the paper: every "
        "candidate on all. `halving`: the better half goes on, with more cases each time.",
    )
