"""What every schema shares: frozen values, and an unknown key is an error."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class MisfitError(ValueError):
    """What a validator refuses, with what to do about it."""

    def __init__(self, problem: str, fix: str | None) -> None:
        super().__init__(problem)
        self.fix = fix


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def mapping_for(key: str, value: Any, kind: type) -> Any:
    """A value as it is, unless it is what belongs below ``key`` of a mapping.

    Raises:
        MisfitError: it is of that kind.
    """
    if type(value) is kind:
        raise MisfitError(f"must be a mapping, not {value!r}", f"write {{{key}: {value}}}")
    return value
