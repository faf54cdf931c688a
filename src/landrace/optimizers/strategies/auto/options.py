"""The options of ``auto``."""

from __future__ import annotations

from pydantic import Field

from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``auto``; the defaults suit most prompts, and every budget."""

    pool: int = Field(default=48, ge=4, le=128, description="Most candidates in the first round.")
    max_demos: int = Field(default=8, ge=0, le=64, description="Most examples in a node.")
    proposals: int = Field(
        default=16, ge=0, le=64, description="Most instructions asked of the proposer for the pool."
    )
    shorten: bool = Field(
        default=True,
        description=(
            "Whether examples and halves of the instruction that no case misses are left out of "
            "the winner. Not, where the prompt says what no case or metric asks for."
        ),
    )
