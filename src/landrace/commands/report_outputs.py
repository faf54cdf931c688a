"""What `landrace report --outputs` shows, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from landrace.commands.output import count, note
from landrace.commands.services import services
from landrace.errors import RefusedError
from landrace.redaction import redact
from landrace.runtime.folder import REGISTRY
from landrace.workflows.changed_outputs import changed_outputs
from landrace.workflows.services import LEDGER, has_ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landrace.reports.story import SampleFlip
    from landrace.schemas.report import Report
    from landrace.store.project import Project
    from landrace.workflows.changed_outputs import ChangedOutputs


def check_outputs(
    project: Project, output: str | None, output_format: str, *, is_summary: bool
) -> None:
    """Refuse to show texts where there is no room for them, or where they would be committed.

    Raises:
        UsageError: the data of a report, or a table of many, has no texts.
        RefusedError: the output is a file of the registry.
    """
    if output_format == "json":
        raise click.UsageError(
            "--outputs has no meaning with --format json: the data of a report has no texts."
        )
    if is_summary:
        raise click.UsageError(
            "--outputs needs a PROMPT or --model: a table has no room for texts."
        )
    registry = (project.root / REGISTRY).resolve()
    if output is not None and Path(output).resolve().is_relative_to(registry):
        raise RefusedError(
            "what stands in the registry is committed, and the texts of cases can be private",
            where=output,
            fix="write to a file outside of the registry, or leave out --outputs",
        )


def outputs_of(project: Project, reports: Sequence[Report]) -> list[tuple[SampleFlip, ...]]:
    """What there is to show for each report; what there is not is told."""
    if not has_ledger(project.root):
        note(
            f"{LEDGER}: there is no ledger on this machine, so there are no outputs to show. "
            "`landrace eval PROMPT --split holdout`, and the same with --variant pinned, "
            "pay for them anew."
        )
        return [()] * len(reports)
    with services(project) as given:
        found = [changed_outputs(project, report, given) for report in reports]
    for report, each in zip(reports, found, strict=True):
        _tell_what_is_missing(report, each)
    return [each.samples for each in found]


def _tell_what_is_missing(report: Report, found: ChangedOutputs) -> None:
    cell = f"{report.prompt} on {report.model}"
    if not report.flips:
        note(f"{cell}: no holdout case changed, so there are no outputs to show.")
    for gap in found.gaps:
        fix = f" {gap.fix}." if gap.fix else ""
        told = f"{cell}: no outputs of {count(gap.cases, 'changed case')}: {gap.why}.{fix}"
        note(redact(told))  # a metric that fails may quote what it was given
