"""The options of the strategy; defaults as in the paper (§4)."""

from __future__ import annotations

from pydantic import Field

from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``promptbreeder``."""

    population: int = Field(
        default=50, ge=4, le=100, description="Units, as far as runs suffice (§4)."
    )
    generations: int = Field(
        default=20, ge=1, le=100, description="Generations, as far as runs suffice (§4)."
    )
    cases: int = Field(
        default=100, ge=4, le=1000, description="Most select cases that fitness is measured on."
    )
    crossover: float = Field(
        default=0.1, ge=0, le=1, description="Chance of a prompt from another unit (§3.2.5)."
    )
    shuffle: float = Field(
        default=0.1, ge=0, le=1, description="Chance of a new set of examples (§3.2.5)."
    )
    max_shots: int = Field(
        default=3, ge=0, le=32, description="Most examples of a node: right answers of the model."
    )
    shown: int = Field(default=8, ge=1, le=50, description="Prompts in a list to be continued.")
    workings: int = Field(
        default=4, ge=1, le=16, description="Search cases from which a prompt is guessed backwards."
    )
