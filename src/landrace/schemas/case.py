"""One case of an eval set, and the splits that cases fall into."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field

from landrace.schemas.base import Strict

Split: TypeAlias = Literal["search", "select", "holdout"]
SPLITS: tuple[Split, ...] = ("search", "select", "holdout")


class Case(Strict):
    """One line of ``cases.jsonl``.

    A ``split`` given by hand wins over the hash. ``weight`` scales the case in means,
    within bounds that leave every case a say.
    """

    id: str = Field(min_length=1, max_length=200)
    inputs: dict[str, Any]
    expected: Any = None
    split: Split | None = None
    weight: float = Field(default=1.0, ge=0.001, le=1000)
    metadata: dict[str, Any] = Field(default_factory=dict)
