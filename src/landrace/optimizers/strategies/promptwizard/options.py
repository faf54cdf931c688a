"""The options of ``promptwizard``."""

from __future__ import annotations

from pydantic import Field

from landrace.optimizers.strategies.promptwizard.thinking import THINKING_STYLES
from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``promptwizard``; the defaults are the released code's."""

    iterations: int = Field(
        default=3, ge=1, le=20, description="Times of mutating and refining, as far as runs pay."
    )
    rounds: int = Field(default=3, ge=1, le=10, description="Questions for variants in each.")
    styles: int = Field(
        default=5,
        ge=1,
        le=len(THINKING_STYLES),
        description="Thinking styles in one question, and so variants of it.",
    )
    seen: int = Field(
        default=25, ge=1, le=200, description="Search cases that critiques and examples come from."
    )
    examples: int = Field(default=5, ge=0, le=32, description="Most examples of a node.")
    example_sets: int = Field(
        default=3, ge=1, le=16, description="Sets of examples that are compared."
    )
    role: bool = Field(default=True, description="Whether an expert's role is tried.")
