"""The options of the strategy; defaults as in the paper (§5) but for `block`."""

from __future__ import annotations

from pydantic import Field

from landrace.optimizers.allocation.racing import Pace
from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``capo``."""

    population: int = Field(
        default=10, ge=2, le=64, description="Candidates that survive, as far as runs suffice."
    )
    crossovers: int = Field(default=4, ge=1, le=32, description="Children of a generation.")
    max_shots: int = Field(default=5, ge=0, le=32, description="Most examples of a node.")
    block: int = Field(default=15, ge=3, le=100, description="Cases between two looks of a race.")
    max_blocks: int = Field(default=10, ge=1, le=100, description="Most blocks of a race.")
    alpha: float = Field(
        default=0.2, gt=0, lt=0.5, description="Level of each test; loose, for screening."
    )
    length_penalty: float = Field(
        default=0.05, ge=0, le=1, description="Score that the longest first candidate is docked."
    )

    @property
    def pace(self) -> Pace:
        return Pace(self.block, self.max_blocks, self.alpha)
