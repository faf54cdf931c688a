"""The options of ``promst``."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from landrace.schemas.base import Strict

Detecting: TypeAlias = Literal["empty", "format", "labels", "too long", "repeated"]


class Options(Strict):
    """Options of ``promst``; the tree's are the released code's."""

    children: int = Field(default=8, ge=1, le=32, description="Children of a prompt that run.")
    kept: int = Field(default=2, ge=1, le=16, description="Prompts of a level that have children.")
    levels: int = Field(
        default=12, ge=1, le=50, description="Most levels, as far as runs suffice for whole ones."
    )
    falls: int = Field(
        default=3,
        ge=1,
        le=20,
        description="How often running a level's best is below the last level's until it ends.",
    )
    least_levels: int = Field(
        default=2, ge=1, le=50, description="Levels before which falls end nothing."
    )
    batch: int = Field(
        default=16, ge=1, le=200, description="Search cases on which faults are looked for."
    )
    detectors: tuple[Detecting, ...] = Field(
        default=("empty", "format", "labels", "too long", "repeated"),
        description="Rules that name faults; the first one that finds something counts.",
    )
    types: int = Field(
        default=4, ge=1, le=16, description="Kinds of faults summed up for a prompt."
    )
    ancestors: int = Field(
        default=4, ge=0, le=16, description="Ancestors, with scores, that the generator sees."
    )
    score_model: bool = Field(
        default=True,
        description="Whether a model of the scores leaves out children before they run.",
    )
