"""What the watch over models found: the data of its pull request."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from landrace.digest import json_digest
from landrace.schemas.base import Strict


class Ending(Strict):
    """A model of a pipeline that its provider ends.

    ``told`` says why it is not removed, as a sentence without a full stop; empty if it is.
    """

    pipeline: str
    model: str
    role: Literal["model", "proposer"]
    ends: date
    told: str


class New(Strict):
    """A model that a pipeline's `allowed_models` match and that it does not have.

    ``told`` says why it is not added, as a sentence without a full stop; empty if it is.
    """

    pipeline: str
    model: str
    told: str


class Unpinned(Strict):
    """A model of a pipeline's list, the prompts for which it has no pin, and what makes them."""

    pipeline: str
    model: str
    prompts: tuple[str, ...]
    command: str


class ListEdit(Strict):
    """What becomes of one pipeline's list; ``text`` is the whole of the new file."""

    pipeline: str
    path: str
    add: tuple[str, ...]
    remove: tuple[str, ...]
    text: str = Field(exclude=True, repr=False)


class ModelFindings(Strict):
    """All that was found. The lists should change as ``edits`` say."""

    schema_version: Literal[1] = 1
    ending: tuple[Ending, ...]
    new: tuple[New, ...]
    unpinned: tuple[Unpinned, ...]
    edits: tuple[ListEdit, ...]

    @property
    def digest(self) -> str:
        """One hash of what is added and removed where: the name of this proposal."""
        return json_digest([edit.model_dump(mode="json") for edit in self.edits])
