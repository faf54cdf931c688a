"""The options of ``textgrad``."""

from __future__ import annotations

from pydantic import Field

from landrace.schemas.base import Strict


class Options(Strict):
    """Options of ``textgrad``; the defaults are the paper's (§3.3)."""

    iterations: int = Field(
        default=12, ge=1, le=100, description="Steps, as far as runs suffice for them."
    )
    batch: int = Field(default=3, ge=1, le=32, description="Search cases of a step.")
    momentum: int = Field(
        default=0,
        ge=0,
        le=8,
        description="Earlier steps of a node, with their fate, that its rewriting sees; "
        "0 for none.",
    )
    constraints: tuple[str, ...] = Field(
        default=(), max_length=8, description="Sentences that every new instruction must obey."
    )
