"""The options of the strategy; the defaults are the paper's (§4.1) but for `selection`."""

from __future__ import annotations

from pydantic import Field

from landrace.optimizers.allocation.bandits import Rule
from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``protegi``; the defaults are the paper's (§4.1) but for `selection`."""

    rounds: int = Field(default=6, ge=1, le=50, description="Rounds, as far as runs suffice.")
    beam: int = Field(default=4, ge=1, le=32, description="Prompts that are kept.")
    batch: int = Field(
        default=64, ge=1, le=500, description="Most search cases on which mistakes are looked for."
    )
    gradients: int = Field(default=4, ge=1, le=16, description="Critiques of each prompt.")
    errors: int = Field(default=4, ge=1, le=16, description="Mistakes in one critique.")
    edits: int = Field(default=1, ge=1, le=8, description="Edits after each critique.")
    paraphrases: int = Field(default=2, ge=0, le=8, description="Rewordings of each edit.")
    children: int = Field(default=8, ge=1, le=64, description="Most children of each prompt.")
    selection: Rule = Field(
        default="halving",
        description="Who gets more cases: `uniform`, `ucb`, `ucb-e`, `rejects` or `halving`.",
    )
    exploration: float = Field(default=1.0, ge=0, le=10, description="UCB's c.")
