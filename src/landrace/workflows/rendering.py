"""Whether a prompt renders with its cases, told before a call is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landrace.errors import CaseError, TemplateError
from landrace.optimizers.variants import write_variant
from landrace.schemas.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from landrace.evaluation.variant import Variant
    from landrace.optimizers.variants import Program
    from landrace.schemas.case import Case
    from landrace.store.project import PromptSource


def check_rendering(source: PromptSource, program: Program, cases: Iterable[Case]) -> None:
    """Write the base out and render it for every case, so that a mistake in it costs no call.

    Raises:
        TemplateError: a template does not compile.
        CaseError: the base does not render with a case.
    """
    check_variants(source, (write_variant(program, Candidate()),), cases)


def check_variants(
    source: PromptSource,
    variants: Sequence[Variant],
    cases: Iterable[Case],
    other: Path | None = None,
) -> None:
    """Render each variant of a prompt for every case; ``other`` is their file if not its own.

    Raises:
        CaseError: one does not render with a case.
    """
    failure = _first_failure(variants, cases)
    if failure is None:
        return
    case, error = failure
    raise CaseError(
        f"{source.name} does not render with case `{case.id}`: {error.problem}"
        + (f" in {error.where}" if error.where else ""),
        where=source.where_case(case.id, other),
        fix=error.fix or "mend the template or the case",
    ) from error


def unrendered(variant: Variant, cases: Iterable[Case]) -> str:
    """Why it cannot be rendered for some of the cases, or nothing; costs no call."""
    failure = _first_failure((variant,), cases)
    return f"case `{failure[0].id}`: {failure[1].problem}" if failure else ""


def _first_failure(
    variants: Sequence[Variant], cases: Iterable[Case]
) -> tuple[Case, TemplateError] | None:
    for case in cases:
        for variant in variants:
            try:
                variant.first_messages(case.inputs)
            except TemplateError as error:
                return case, error
    return None
