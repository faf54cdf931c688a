"""Candidates that a search left in the ledger, written out as they were scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landrace.errors import LandraceError
from landrace.optimizers.variants import write_variant
from landrace.schemas.candidate import Candidate

if TYPE_CHECKING:
    from landrace.evaluation.variant import Variant
    from landrace.optimizers.variants import Program


def recorded_variant(program: Program, slots: Any, digest: str) -> Variant | None:
    """The variant of a candidate's recorded slots; None where it does not come to the digest that
    it was scored by, since the base or landrace has changed.
    """
    try:
        variant = write_variant(program, Candidate.model_validate(slots))
    except (LandraceError, ValueError, KeyError):
        return None
    return variant if variant.digest == digest else None
