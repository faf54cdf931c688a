"""A candidate that a study has taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from landrace.evaluation.variant import Variant
    from landrace.schemas.candidate import Candidate


class Entry(NamedTuple):
    """A candidate in the study, written out."""

    candidate: Candidate
    variant: Variant

    @property
    def digest(self) -> str:
        return self.variant.digest
