"""A candidate: immutable slot values for one program."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field

from landrace.digest import json_digest
from landrace.schemas.base import Strict

Layout: TypeAlias = Literal["base", "system", "user"]


class Demo(Strict):
    """A worked example: the user's turn as it will be read, and the answer to it."""

    case_id: str
    user: str
    assistant: str
    bootstrapped: bool = False  # the model's own correct output, not the label


class Candidate(Strict):
    """Slot values over a base template; an empty one is the base itself.

    ``instruction`` replaces the text of the template's sections (None keeps it);
    ``layout`` says where the instruction stands; ``format`` names an answer format of
    `landrace.optimizers.formats`; ``demos`` are chat turns before the input.
    ``source``, when set, is a whole template (an incumbent, another model's winner) and the
    other slots are empty.
    """

    instruction: str | None = None
    layout: Layout = "base"
    format: str = "base"
    demos: tuple[Demo, ...] = ()
    source: str | None = None
    parser: dict[str, Any] | None = None
    operator: str = "base"
    parents: tuple[str, ...] = Field(default=())

    @property
    def digest(self) -> str:
        """Of the slots alone: how a candidate was made does not change what it is."""
        return json_digest(self.model_dump(exclude={"operator", "parents"}))[:16]
